import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceFor } from './error-advice.ts';

const cases: [string, number, ReturnType<typeof adviceFor>][] = [
  ['NETWORK', 0, 'network'],
  ['AUTH_SESSION', 401, 'session'],
  ['FORBIDDEN_CSRF', 403, 'stale'],
  ['FORBIDDEN_ROLE', 403, 'forbidden'],
  ['NOTFOUND_RESOURCE', 404, 'missing'],
  ['CONFLICT_RESTORE_PLAN', 409, 'conflict'],
  ['STORE_TIMEOUT', 504, 'cloud'],
  ['CATALOG_UNREACHABLE', 503, 'service'],
  ['INTEGRITY_SEGMENT', 500, 'damage'],
  ['BUG_RESPONSE', 500, 'bug'],
  ['HTTP_502', 502, 'service'],
  ['HTTP_418', 418, 'bug'],
];

for (const [type, status, advice] of cases)
  test(`${type} is told as ${advice}`, () => assert.equal(adviceFor({ type, status }), advice));
