/** What is installed beside the program has a licence that it may be passed on with; of the portal: portal-size.test.ts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { licenceProblems, type LockedPackage } from '../support/licences.ts';

test('every package that is installed with the program has a licence that we allow', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const shipped = Object.values(lock.packages).filter(({ dev }) => dev !== true);
  assert.ok(shipped.length > 100);
  const problems = licenceProblems(lock.packages);
  assert.deepEqual(
    problems,
    [],
    `read the licence, then choose another package or add it to test/support/licences.ts:\n${problems.join('\n')}`,
  );
});

test('a licence that is missing, unknown or not allowed is found, and a choice with one that is', () => {
  const problems = licenceProblems({
    '': { license: 'AGPL-3.0-only' },
    'node_modules/a': { version: '1.0.0', license: '(MIT OR GPL-3.0-only)' },
    'node_modules/b': { version: '1.0.0', license: '(MIT AND GPL-3.0-only)' },
    'node_modules/c': { version: '1.0.0' },
    'node_modules/d': { version: '1.0.0', license: 'SEE LICENSE IN LICENSE.txt' },
    'node_modules/e': { version: '1.0.0', license: 'MPL-2.0', dev: true },
    'node_modules/f': { version: '1.0.0', license: 'MPL-2.0' },
  });
  assert.deepEqual(problems, [
    'node_modules/b 1.0.0: (MIT AND GPL-3.0-only)',
    'node_modules/c 1.0.0: it names no licence',
    'node_modules/d 1.0.0: SEE LICENSE IN LICENSE.txt',
    'node_modules/f 1.0.0: MPL-2.0',
  ]);
});
