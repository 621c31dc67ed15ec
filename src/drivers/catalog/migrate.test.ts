import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openCatalogServer, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { createCatalog } from './catalog.ts';
import { connectCatalog, type Sql } from './connect.ts';
import { catalogState, migrateCatalog } from './migrate.ts';

const all = [
  '0001-tables',
  '0002-expiry',
  '0003-verifications',
  '0004-reconcile',
  '0005-policies',
  '0006-undo',
  '0009-access',
  '0010-audit',
  '0011-watch',
  '0012-portal-sessions',
  '0013-overview',
  '0014-stores',
  '0015-list-filters',
  '0016-portal-lists',
  '0017-half-done',
  '0018-history',
  '0019-retries',
  '0020-policy-reach',
  '0021-list-orders',
];

describe('migrations', () => {
  let database: CatalogDatabase;
  let opened: Sql[] = [];
  before(async () => {
    database = await openCatalogServer();
  });
  after(async () => {
    await Promise.all(opened.map((sql) => sql.destroy()));
    opened = [];
    await database.close();
  });

  /** An empty database of its own, and several pools on it, as several processes have. */
  async function emptyDatabase(name: string, pools: number): Promise<[Sql, ...Sql[]]> {
    await database.sql.raw(`create database ${name}`);
    const url = database.url.replace('/emberkeep?', `/${name}?`);
    const sqls = Array.from({ length: pools }, () => connectCatalog({ url }));
    opened.push(...sqls);
    return sqls as [Sql, ...Sql[]];
  }

  it('run once, whoever asks and how often', async () => {
    const [first, ...others] = await emptyDatabase('once', 4);
    const newest = all.at(-1);
    const states = await Promise.all([first, ...others].map((sql) => migrateCatalog(sql)));
    assert.deepEqual(
      states.toSorted((one, other) => other.pending.length - one.pending.length),
      [
        { from: undefined, to: newest, pending: all },
        ...others.map(() => ({ from: newest, to: newest, pending: [] })),
      ],
    );
    assert.deepEqual(await migrateCatalog(first), { from: newest, to: newest, pending: [] });
  });

  it('are told without being run: from which version to which, and what lies between', async () => {
    const [sql] = await emptyDatabase('looked_at', 1);
    const newest = all.at(-1);
    assert.deepEqual(await catalogState(sql), { from: undefined, to: newest, pending: all });
    assert.equal(await sql.schema.withSchema('emberkeep').hasTable('migrations'), false);
    await migrateCatalog(sql);
    // As the release before the newest migration left it.
    await sql('emberkeep.migrations').where({ name: newest }).delete();
    assert.deepEqual(await catalogState(sql), { from: all.at(-2), to: newest, pending: [newest] });
  });

  it('a database without them is said to be older', async () => {
    const [sql] = await emptyDatabase('fresh', 1);
    await assert.rejects(createCatalog(sql).jobs.list(), {
      code: 'CATALOG_SCHEMA_OLDER',
      message: /emberkeep catalog migrate/,
    });
  });

  it('one with an unknown migration is newer, and left alone', async () => {
    const [sql] = await emptyDatabase('newer', 1);
    await migrateCatalog(sql);
    await sql('emberkeep.migrations').insert({ name: '9999-future' });
    const newer = { code: 'CATALOG_SCHEMA_NEWER', message: /9999-future/ };
    await assert.rejects(migrateCatalog(sql), newer);
    await assert.rejects(catalogState(sql), newer);
  });

  it('leave nothing behind when they fail', async () => {
    const [sql] = await emptyDatabase('broken', 1);
    // A table of ours that somebody else made.
    await sql.raw('create schema emberkeep');
    await sql.raw('create table emberkeep.audit (a int)');
    await assert.rejects(migrateCatalog(sql), { code: 'CATALOG_STATEMENT_FAILED' });
    const { rows } = await sql.raw<{ rows: { tablename: string }[] }>(
      `select tablename from pg_tables where schemaname = 'emberkeep'`,
    );
    assert.deepEqual(rows, [{ tablename: 'audit' }]);
    await sql.raw('drop table emberkeep.audit');
    assert.deepEqual((await migrateCatalog(sql)).pending, all);
  });
});
