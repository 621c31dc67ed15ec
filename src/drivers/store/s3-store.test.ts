import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { S3Store } from './s3-store.ts';
import type { S3Settings } from './s3-settings.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const emptyListing: Answer = (_, response) => response.end('<ListBucketResult/>');

function says(status: number, code: string, headers: Record<string, string> = {}): Answer {
  return (_, response) => response.writeHead(status, headers).end(`<Error><Code>${code}</Code></Error>`);
}

interface Fake {
  store: S3Store;
  /** To the next requests, one each; what has none is answered with 200 and nothing. */
  answers: Answer[];
  /** `METHOD path?query` of all requests but the opening's. */
  seen: string[];
  /** What the store waited, ms. */
  waits: number[];
}

const patience = { attempts: 4, firstDelayMs: 100, maxDelayMs: 1000 };

/** A server for what no real one does on demand. */
async function withFake(body: (fake: Fake) => Promise<void>): Promise<void> {
  const answers: Answer[] = [emptyListing];
  const seen: string[] = [];
  const waits: number[] = [];
  const server = createServer((request, response) => {
    const answer = answers.shift();
    seen.push(`${request.method} ${request.url}`);
    request.on('error', () => undefined);
    request.resume().on('end', () => (answer === undefined ? response.end() : answer(request, response)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const store = await S3Store.open(settingsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), {
    patience,
    sleep: (delayMs) => Promise.resolve(void waits.push(delayMs)),
  });
  seen.length = 0;
  try {
    await body({ store, answers, seen, waits });
    assert.equal(answers.length, 0, 'answers are left over');
  } finally {
    store.close();
    server.closeAllConnections();
    server.close();
  }
}

function settingsOf(endpoint: string, changes: Partial<S3Settings> = {}): S3Settings {
  return {
    bucket: 'backups',
    prefix: 'p',
    endpoint,
    region: 'somewhere',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    secretAccessKeyFile: undefined,
    pathStyle: true,
    caFile: undefined,
    ...changes,
  };
}

describe('the S3 store and a gateway that fails', () => {
  test('a put is sent again after 503 and 500, with growing pauses, and after what Retry-After says', async () => {
    await withFake(async ({ store, answers, seen, waits }) => {
      answers.push(says(500, 'InternalError'), says(503, 'SlowDown', { 'retry-after': '3' }));
      answers.push((_, response) => response.destroy());
      await store.put('a', Buffer.from('x'));
      assert.equal(seen.length, 4);
      assert.equal(waits.length, 3);
      assert.ok((waits[0] ?? 0) <= 100);
      assert.equal(waits[1], 3000);
    });
  });

  test('it gives up after as many attempts as it was told, and at once when nothing would change', async () => {
    await withFake(async ({ store, answers, seen }) => {
      answers.push(...Array.from({ length: 4 }, () => says(503, 'SlowDown')));
      await assert.rejects(store.put('a', Buffer.from('x')), { code: 'STORE_UNREACHABLE', retryable: true });
      assert.equal(seen.length, 4);
      answers.push(says(403, 'AccessDenied'));
      await assert.rejects(store.put('a', Buffer.from('x')), { code: 'STORE_NO_PERMISSION' });
      assert.equal(seen.length, 5);
    });
  });

  test('a clock that is wrong is tried once more, then told', async () => {
    await withFake(async ({ store, answers, seen }) => {
      answers.push(says(403, 'RequestTimeTooSkewed'));
      await store.put('a', Buffer.from('x'));
      answers.push(says(403, 'RequestTimeTooSkewed'), says(403, 'RequestTimeTooSkewed'));
      await assert.rejects(store.put('a', Buffer.from('x')), { code: 'STORE_CLOCK_SKEW', message: /NTP/ });
      assert.equal(seen.length, 4);
    });
  });

  test('the rest of an object that broke off is asked for by range, of the same object only', async () => {
    await withFake(async ({ store, answers }) => {
      const ranges: (string | undefined)[] = [];
      answers.push((_, response) => {
        response.writeHead(200, { 'content-length': '10', etag: '"one"' });
        response.write('01234', () => response.destroy());
      });
      answers.push((request, response) => {
        ranges.push(request.headers.range, request.headers['if-match']);
        response.writeHead(206, { 'content-length': '5' }).end('56789');
      });
      assert.equal((await store.get('a', 10))?.toString(), '0123456789');
      assert.deepEqual(ranges, ['bytes=5-', '"one"']);

      answers.push((_, response) => {
        response.writeHead(200, { 'content-length': '10', etag: '"one"' });
        response.write('01234', () => response.destroy());
      });
      answers.push(says(412, 'PreconditionFailed'));
      await assert.rejects(store.get('a', 10), { code: 'STORE_IO', message: /replaced while/ });
    });
  });

  test('an upload whose last answer was lost counts when its object is there, and only then', async () => {
    const begun: Answer = (_, response) =>
      response.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');
    const part: Answer = (_, response) => response.writeHead(200, { etag: '"e"' }).end();
    const lost: Answer = (_, response) => response.destroy();
    const stat: Answer = (_, response) => response.writeHead(200, { 'content-length': '9000000' }).end();
    const shorter: Answer = (_, response) => response.writeHead(200, { 'content-length': '1' }).end();
    await withFake(async ({ store, answers, seen }) => {
      answers.push(begun, part, part, lost, says(404, 'NoSuchUpload'), stat);
      assert.equal(await store.put('a', stream(9)), 9_000_000);
      assert.ok(seen.every((line) => !line.startsWith('DELETE')));
      answers.push(begun, part, part, lost, says(404, 'NoSuchUpload'), shorter);
      await assert.rejects(store.put('a', stream(9)), { code: 'STORE_IO' });
      assert.match(seen.at(-1) ?? '', /^DELETE .*uploadId=u/);
    });
  });

  test('I11: while a part is being stored the stream is not read on', async () => {
    await withFake(async ({ store, answers }) => {
      let given = 0;
      async function* counted(): AsyncGenerator<Buffer> {
        for await (const piece of stream(40)) {
          given += 1;
          yield piece;
        }
      }
      const givenWhenStored: number[] = [];
      answers.push((_, response) =>
        response.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'),
      );
      for (let index = 0; index < 5; index += 1) {
        answers.push((_, response) => {
          givenWhenStored.push(given);
          setImmediate(() => response.writeHead(200, { etag: '"e"' }).end());
        });
      }
      answers.push((_, response) => response.end('<CompleteMultipartUploadResult/>'));
      assert.equal(await store.put('a', counted()), 40_000_000);
      // Parts of 8 MiB end within the 9th, 17th, ... piece of a million bytes.
      assert.deepEqual(givenWhenStored, [9, 17, 26, 34, 40]);
    });
  });

  test('a refusal within the answer to a removal is an error', async () => {
    await withFake(async ({ store, answers }) => {
      answers.push((_, response) => response.end('<ListMultipartUploadsResult/>'));
      answers.push((_, response) =>
        response.end('<ListBucketResult><Contents><Key>p/f/1</Key></Contents></ListBucketResult>'),
      );
      answers.push((_, response) =>
        response.end('<DeleteResult><Error><Key>p/f/1</Key><Code>AccessDenied</Code></Error></DeleteResult>'),
      );
      await assert.rejects(store.removeFolder('f'), { code: 'STORE_NO_PERMISSION' });
    });
  });
});

describe('the S3 store over TLS', () => {
  test('trusts the CA that it is given, and no other', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'emberkeep-s3-tls-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const about = '-days 2 -subj /CN=s3 -addext subjectAltName=IP:127.0.0.1'.split(' ');
    const made = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'.split(' ');
    execFileSync('openssl', ['req', ...made, '-keyout', key, '-out', cert, ...about], { stdio: 'ignore' });
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const server = createTlsServer(tls, emptyListing);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.closeAllConnections());
    t.after(() => void server.close());
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(S3Store.open(settingsOf(endpoint)), {
      code: 'STORE_TLS',
      message: /store\.s3\.ca_file/,
    });
    (await S3Store.open(settingsOf(endpoint, { caFile: cert }))).close();
    await assert.rejects(S3Store.open(settingsOf(endpoint, { caFile: '/no/such.pem' })), {
      code: 'INPUT_CONFIG',
      message: /store\.s3\.ca_file: \/no\/such\.pem/,
    });
    const offsite = settingsOf(endpoint, { caFile: '/no/such.pem', section: 'stores.offsite.s3' });
    await assert.rejects(S3Store.open(offsite), {
      code: 'INPUT_CONFIG',
      message: /^stores\.offsite\.s3\.ca_file: \/no\/such\.pem/,
    });
    await assert.rejects(S3Store.open({ ...offsite, caFile: undefined, secretAccessKey: undefined }), {
      code: 'INPUT_CONFIG',
      message: /stores\.offsite\.s3\.access_key_id has no secret/,
    });
  });
});

/** So many pieces of a million bytes. */
async function* stream(pieces: number): AsyncGenerator<Buffer> {
  for (let index = 0; index < pieces; index += 1) {
    await Promise.resolve();
    yield Buffer.alloc(1_000_000);
  }
}
