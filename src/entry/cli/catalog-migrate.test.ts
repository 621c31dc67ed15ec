import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCli, type CliOutcome } from '../../../test/support/cli-runner.ts';
import { AppError } from '../../base/errors.ts';
import type { DatabaseVersions } from './deps.ts';

const behind: DatabaseVersions = {
  from: '0001-tables',
  to: '0003-verifications',
  pending: ['0002-expiry', '0003-verifications'],
  queueFrom: 45,
  queueTo: 46,
};
const current: DatabaseVersions = { ...behind, from: behind.to, pending: [], queueFrom: 46 };

async function migrate(
  args: string[],
  versions: DatabaseVersions,
): Promise<CliOutcome & { asked: { check: boolean }[] }> {
  const asked: { check: boolean }[] = [];
  const migrateDatabase = (_config: unknown, how: { check: boolean }): Promise<DatabaseVersions> => {
    asked.push(how);
    return Promise.resolve(versions);
  };
  return { ...(await startCli(['catalog', 'migrate', ...args], { migrateDatabase }).done), asked };
}

test('says from which version to which', async () => {
  const { code, stdout, stderr, asked } = await migrate(['-f', 'json'], behind);
  assert.deepEqual({ code, asked }, { code: 0, asked: [{ check: false }] });
  assert.deepEqual(JSON.parse(stdout), {
    from: '0001-tables',
    to: '0003-verifications',
    migrations: ['0002-expiry', '0003-verifications'],
    queue_from: 45,
    queue_to: 46,
  });
  assert.match(stderr, /brought from 0001-tables to 0003-verifications/);
});

test('with --check exits with 3 when tables are missing, also those of the work queue alone', async () => {
  for (const versions of [behind, { ...current, queueFrom: 45 }, { ...behind, from: undefined }]) {
    const { code, stderr, asked } = await migrate(['--check'], versions);
    assert.deepEqual({ code, asked }, { code: 3, asked: [{ check: true }] });
    assert.match(stderr, /older than this program; run `emberkeep catalog migrate`/);
  }
});

test('with nothing to do exits with 0, with or without --check', async () => {
  for (const args of [[], ['--check']]) {
    const { code, stderr } = await migrate(args, current);
    assert.equal(code, 0);
    assert.match(stderr, /the database is up to date \(0003-verifications\)/);
  }
});

test('a database of a newer program is a failure, told by its code', async () => {
  const migrateDatabase = (): Promise<never> =>
    Promise.reject(new AppError('CATALOG_SCHEMA_NEWER', 'upgrade this one'));
  const { code, stderr } = await startCli(['catalog', 'migrate', '--check'], { migrateDatabase }).done;
  assert.equal(code, 8);
  assert.match(stderr, /CATALOG_SCHEMA_NEWER/);
});
