import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { AppError } from '../../base/errors.ts';
import { newJob } from '../../../test/support/catalog-rows.ts';
import { openCatalogServer, type CatalogServer } from '../../../test/support/catalog-database.ts';
import { checkConnection, clientConfig, connectCatalog, type DatabaseSettings } from './connect.ts';
import { mapped } from './errors.ts';

describe('the connection to the catalog', () => {
  let database: CatalogServer;
  before(async () => {
    database = await openCatalogServer();
  });
  after(() => database.close());

  async function failure(settings: DatabaseSettings, statement = 'select 1'): Promise<AppError> {
    const sql = connectCatalog(settings);
    try {
      await mapped<unknown>(async () => sql.raw(statement));
    } catch (error) {
      assert.ok(error instanceof AppError);
      return error;
    } finally {
      await sql.destroy();
    }
    return assert.fail('it worked');
  }

  it('reads large counts as numbers, and refuses what a number cannot hold', async () => {
    const { rows } = await database.sql.raw<{ rows: Record<string, unknown>[] }>(
      `select 9007199254740991::bigint as big, null::bigint as none, '2026-11-22T10:00:00Z'::timestamptz as at`,
    );
    assert.deepEqual(rows, [{ big: 2 ** 53 - 1, none: null, at: new Date('2026-11-22T10:00:00Z') }]);
    await assert.rejects(async () => database.sql.raw('select 9007199254740993::bigint'), {
      code: 'CATALOG_NUMBER_TOO_LARGE',
    });
    // The queue's connections share the module, and expect its own parsers.
    const plain = new pg.Client({ connectionString: database.url });
    await plain.connect();
    assert.deepEqual((await plain.query('select 1::bigint as big')).rows, [{ big: '1' }]);
    await plain.end();
  });

  it('names what is wrong', async () => {
    const { url } = database;
    const nowhere = await failure({ url: 'postgresql://ek:geheim@127.0.0.1:1/ek' });
    assert.deepEqual([nowhere.code, nowhere.retryable], ['CATALOG_UNREACHABLE', true]);
    const noName = await failure({ url: url.replace('/emberkeep?', '/missing?') });
    assert.deepEqual([noName.code, noName.retryable], ['CATALOG_NO_DATABASE', false]);
    const nobody = await failure({ url: url.replace('emberkeep@', 'nobody@') });
    assert.equal(nobody.code, 'CATALOG_LOGIN_REFUSED');
    const slow = await failure({ url, statementTimeoutMs: 50 }, 'select pg_sleep(60)');
    assert.deepEqual([slow.code, slow.retryable], ['CATALOG_TIMEOUT', true]);
    const wrong = await failure({ url }, 'select 1/0');
    assert.deepEqual([wrong.code, wrong.retryable], ['CATALOG_STATEMENT_FAILED', false]);
    assert.equal(wrong.details['sqlState'], '22012');
    // What an older program's `on conflict` meets when a migration has taken its constraint away.
    const moved = await failure(
      { url },
      "insert into emberkeep.migrations (name) values ('x') on conflict (ran_at) do nothing",
    );
    assert.deepEqual([moved.code, moved.retryable], ['CATALOG_SCHEMA_NEWER', false]);
    assert.ok(wrong.cause instanceof Error);
  });

  it('I10: a URL that cannot be read is refused without repeating it', () => {
    for (const url of ['', 'postgresql://ek:geheim@host:port/x', 'mysql://ek:geheim@host/x', 'geheim']) {
      assert.throws(
        () => clientConfig({ url }),
        (error: unknown) =>
          error instanceof AppError &&
          error.code === 'INPUT_DATABASE_URL' &&
          !error.message.includes('geheim'),
      );
    }
  });

  it('outlives a restart of PostgreSQL', async () => {
    const { jobs } = database.catalog;
    const job = await jobs.insert(newJob());
    await Promise.all([1, 2, 3].map(() => jobs.get(job.id)));
    await database.restart();
    await checkConnection(database.sql);
    assert.deepEqual(await jobs.get(job.id), job);
  });

  it('a session that is cut in the middle of a transaction fails it as retryable', async () => {
    const job = newJob();
    const cut = database.catalog.transaction(async (tx) => {
      await tx.jobs.insert(job);
      const { rows } = await tx.sql.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
      await database.sql.raw('select pg_terminate_backend(?)', [rows[0]?.pid ?? 0]);
      await tx.jobs.get(job.id);
    });
    await assert.rejects(cut, { code: 'CATALOG_UNREACHABLE', retryable: true });
    assert.equal(await database.catalog.jobs.get(job.id), undefined);
  });

  it('wakes listeners when a job or its events change, at commit', async () => {
    const client = new pg.Client(clientConfig({ url: database.url }));
    await client.connect();
    try {
      await client.query('listen emberkeep_job');
      const heard: (string | undefined)[] = [];
      const waiting: (() => void)[] = [];
      client.on('notification', ({ payload }) => {
        heard.push(payload);
        waiting.shift()?.();
      });
      const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

      const first = next();
      const { id } = await database.catalog.jobs.insert(newJob());
      await first;
      const second = next();
      await database.catalog.events.append(id, 'log', { message: 'hello' });
      await second;
      const third = next();
      await database.catalog.jobs.requestCancel(id);
      await third;
      assert.deepEqual(heard, [id, id, id]);
    } finally {
      await client.end();
    }
  });
});
