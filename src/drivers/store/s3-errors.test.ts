import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AppError } from '../../base/errors.ts';
import { shouldRetry } from './s3-bucket.ts';
import { s3Error } from './s3-errors.ts';

const place = { bucket: 'backups', endpoint: 'https://s3.example.org', section: 'stores.offsite.s3' };

/** As the SDK throws them. */
function answer(name: string, status: number, headers: Record<string, string> = {}): Error {
  const error = Object.assign(new Error('UnknownError'), {
    name,
    Code: name,
    $metadata: { httpStatusCode: status, requestId: 'r-1' },
  });
  return Object.defineProperty(error, '$response', { value: { headers }, enumerable: false });
}

function system(code: string): Error {
  return Object.assign(new Error(`it failed with ${code}`), { code });
}

test('answers become what they mean for the store', () => {
  const meaning = (name: string, status: number): string =>
    s3Error(answer(name, status), place, 'write x').code;
  assert.equal(meaning('NoSuchBucket', 404), 'STORE_NO_BUCKET');
  assert.equal(meaning('SignatureDoesNotMatch', 403), 'STORE_WRONG_KEYS');
  assert.equal(meaning('ExpiredToken', 400), 'STORE_WRONG_KEYS');
  assert.equal(meaning('AccessDenied', 403), 'STORE_NO_PERMISSION');
  assert.equal(meaning('Unknown', 403), 'STORE_NO_PERMISSION');
  assert.equal(meaning('QuotaExceeded', 403), 'STORE_FULL');
  assert.equal(meaning('XMinioStorageFull', 507), 'STORE_FULL');
  assert.equal(meaning('RequestTimeTooSkewed', 403), 'STORE_CLOCK_SKEW');
  assert.equal(meaning('AuthorizationHeaderMalformed', 400), 'STORE_WRONG_REGION');
  assert.equal(meaning('Unknown', 301), 'STORE_WRONG_REGION');
  assert.equal(meaning('NoSuchKey', 404), 'STORE_OBJECT_MISSING');
  assert.equal(meaning('InvalidArgument', 400), 'STORE_IO');
});

test("what to do names the store's own options", () => {
  const failures = [
    answer('NoSuchBucket', 404),
    answer('InvalidAccessKeyId', 403),
    Object.assign(new Error('no keys'), { name: 'CredentialsProviderError' }),
    answer('AuthorizationHeaderMalformed', 400),
    system('SELF_SIGNED_CERT_IN_CHAIN'),
  ];
  for (const failure of failures) {
    const { message } = s3Error(failure, place, 'write x');
    assert.match(message, /stores\.offsite\.s3\.[a-z_]+/);
    assert.doesNotMatch(message, /\bstore\.s3/);
  }
});

test('only what may pass by itself is worth another attempt', () => {
  const failures = [
    answer('SlowDown', 503),
    answer('InternalError', 500),
    answer('Whatever', 502),
    answer('TooManyRequests', 429),
    answer('RequestTimeout', 400),
    system('ECONNREFUSED'),
    system('ECONNRESET'),
    system('EPIPE'),
    system('ENOTFOUND'),
    Object.assign(new Error('timed out'), { name: 'TimeoutError' }),
  ];
  for (const failure of failures) {
    const { code, retryable } = s3Error(failure, place, 'write x');
    assert.deepEqual({ code, retryable }, { code: 'STORE_UNREACHABLE', retryable: true }, failure.message);
  }
  for (const name of ['AccessDenied', 'QuotaExceeded', 'NoSuchBucket'])
    assert.equal(s3Error(answer(name, 403), place, 'write x').retryable, false);
  for (const code of ['EPROTO', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED', 'HPE_INVALID_CONSTANT'])
    assert.equal(s3Error(system(code), place, 'write x').code, 'STORE_TLS', code);
});

test('of attempts that time out there are few', () => {
  const slow = s3Error(Object.assign(new Error('timed out'), { name: 'TimeoutError' }), place, 'write x');
  assert.deepEqual([shouldRetry(slow, 1), shouldRetry(slow, 2), shouldRetry(slow, 3)], [true, true, false]);
  // The SDK's name for it is the same.
  const lost = s3Error(Object.assign(system('ECONNRESET'), { name: 'TimeoutError' }), place, 'write x');
  assert.equal(lost.code, 'STORE_UNREACHABLE');
  assert.equal(shouldRetry(lost, 7), true);
});

test('messages say what failed, where, why and what to do', () => {
  assert.equal(
    s3Error(answer('QuotaExceeded', 403), place, 'write links/a').message,
    'Cannot write links/a: no space is left (QuotaExceeded, HTTP 403). Raise the quota of bucket backups or of its owner, or expire recovery points.',
  );
  assert.match(
    s3Error(new Error('Region is missing'), place, 'open s3://backups').message,
    /stores\.offsite\.s3\.region/,
  );
});

test("a server's Retry-After and its request id are kept", () => {
  const { details } = s3Error(answer('SlowDown', 503, { 'retry-after': '7' }), place, 'write x');
  assert.equal(details['retryAfterMs'], 7000);
  assert.equal(details['requestId'], 'r-1');
});

test('I10: nothing of the signed request is kept', () => {
  const thrown = Object.assign(answer('SignatureDoesNotMatch', 403), { StringToSign: 'AWS4-HMAC hunter2' });
  assert.doesNotMatch(inspect(s3Error(thrown, place, 'write x'), { depth: 9, showHidden: true }), /hunter2/);
});

test('AppErrors pass unchanged; what nobody foresaw is a bug', () => {
  const ours = new AppError('CANCELLED_BY_CALLER', 'stop');
  assert.equal(s3Error(ours, place, 'write x'), ours);
  assert.equal(
    s3Error(new TypeError('undefined is not a function'), place, 'write x').code,
    'BUG_UNEXPECTED',
  );
});
