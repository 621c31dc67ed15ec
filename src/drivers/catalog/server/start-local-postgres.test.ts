import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeStateDir } from '../../../../test/support/catalog-database.ts';
import { connectCatalog } from '../connect.ts';
import { leftoverPid } from './leftover.ts';
import { startLocalPostgres, type LocalPostgres } from './start-local-postgres.ts';

const isRoot = process.getuid?.() === 0;

describe('a PostgreSQL of our own', () => {
  // One directory for all tests: creating a database is the slow part. A test that breaks it mends it.
  let stateDir: string;
  let cleanups: (() => unknown)[] = [];
  before(async () => {
    stateDir = await makeStateDir();
  });
  after(() => rm(stateDir, { recursive: true }));
  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
    cleanups = [];
  });

  async function start(directory = stateDir): Promise<LocalPostgres> {
    const server = await startLocalPostgres({ stateDir: directory });
    cleanups.push(() => server.stop());
    return server;
  }

  async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
    const pool = connectCatalog({ url });
    try {
      return (await pool.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
    } finally {
      await pool.destroy();
    }
  }

  async function holdElsewhere(): Promise<{ holder: ChildProcess; url: string; pid: number }> {
    const script = `${import.meta.dirname}/../../../../test/support/hold-database.ts`;
    const holder = spawn(process.execPath, [script, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(() => holder.kill('SIGKILL'));
    assert.ok(holder.stdout);
    const [line] = (await once(holder.stdout, 'data')) as [Buffer];
    return { holder, ...(JSON.parse(line.toString()) as { url: string; pid: number }) };
  }

  async function isGone(pid: number): Promise<boolean> {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').then(
      (commandLine) => commandLine === '',
      () => true,
    );
  }

  it('keeps what was written, durable and checksummed, over a stop and a start', async () => {
    const first = await start();
    await query(first.url, 'create table by_stop (a int); insert into by_stop values (1)');
    const [settings] = await query(
      first.url,
      `select current_setting('fsync') as fsync, current_setting('data_checksums') as checksums,
              current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses`,
    );
    assert.deepEqual(settings, { fsync: 'on', checksums: 'on', encoding: 'UTF8', addresses: '' });
    await first.stop();
    await first.stop();
    assert.equal((await first.exited).expected, true);
    assert.ok(await isGone(first.pid));

    const second = await start();
    assert.deepEqual(await query(second.url, 'select a from by_stop'), [{ a: 1 }]);
  });

  it('lets nobody else near its socket and data', async () => {
    const server = await start();
    for (const directory of [server.dataDir, join(server.dataDir, '..'), join(server.dataDir, '../run')]) {
      assert.equal((await stat(directory)).mode & 0o777, 0o700, directory);
    }
  });

  it('refuses a second start while it runs, and names the holder', async () => {
    await start();
    await assert.rejects(startLocalPostgres({ stateDir }), {
      code: 'CONFLICT_DATABASE_IN_USE',
      message: new RegExp(`process ${process.pid} already`),
    });
  });

  it('of several processes that start at once, one wins and the others name it', async () => {
    const starts = await Promise.allSettled([1, 2, 3].map(() => start()));
    const failures = starts.filter((each) => each.status === 'rejected');
    assert.equal(failures.length, 2);
    for (const { reason } of failures) assert.equal(reason.code, 'CONFLICT_DATABASE_IN_USE');
  });

  it('ends with a process that is killed by kill -9, and starts again at once with its data', async () => {
    const { holder, url, pid } = await holdElsewhere();
    await query(url, 'create table by_kill (a int); insert into by_kill values (1)');
    await assert.rejects(startLocalPostgres({ stateDir }), {
      code: 'CONFLICT_DATABASE_IN_USE',
      message: new RegExp(`process ${holder.pid ?? ''} already`),
    });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const server = await start();
    assert.ok(await isGone(pid), 'the orphan is gone');
    assert.deepEqual(await query(server.url, 'select a from by_kill'), [{ a: 1 }]);
  });

  it('ends with a killed process even when nobody starts it again', async () => {
    const { holder, pid } = await holdElsewhere();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    while (!(await isGone(pid))) await sleep(20);
  });

  it('recovers after the server itself was killed, and says that it ended unasked', async () => {
    const first = await start();
    await query(first.url, 'create table by_crash (a int); insert into by_crash values (1)');
    process.kill(first.pid, 'SIGKILL');
    assert.equal((await first.exited).expected, false);
    // Its children notice within moments; until then PostgreSQL refuses to share the directory.
    let second: LocalPostgres | undefined;
    while (second === undefined) second = await start().catch(() => undefined);
    assert.deepEqual(await query(second.url, 'select a from by_crash'), [{ a: 1 }]);
  });

  it('is not fooled by a pid file whose process is somebody else', async () => {
    const server = await start();
    await server.stop();
    await writeFile(join(server.dataDir, 'postmaster.pid'), `${process.pid}\n${server.dataDir}\n`);
    assert.equal(await leftoverPid(server.dataDir), undefined);
    await start();
  });

  it('begins again after a creation that was killed in the middle', async () => {
    const server = await start();
    await server.stop();
    await rm(server.dataDir, { recursive: true });
    await mkdir(`${server.dataDir}.new`);
    await writeFile(`${server.dataDir}.new/PG_VERSION`, 'half');
    await start();
  });

  it('says which version a foreign data directory needs', async () => {
    const server = await start();
    await server.stop();
    const versionFile = join(server.dataDir, 'PG_VERSION');
    const version = await readFile(versionFile);
    await writeFile(versionFile, '9\n');
    await assert.rejects(startLocalPostgres({ stateDir }), {
      code: 'CATALOG_POSTGRES_VERSION',
      message: /created by PostgreSQL 9, but only .*apt-get install postgresql-9/,
    });
    await writeFile(versionFile, version);
  });

  it('reports why it does not start, and gives the directory free', async () => {
    const server = await start();
    await server.stop();
    const control = join(server.dataDir, 'global', 'pg_control');
    const content = await readFile(control);
    await writeFile(control, 'rubbish');
    await assert.rejects(startLocalPostgres({ stateDir }), {
      code: 'CATALOG_POSTGRES_START',
      message: /pg_control|control file/,
    });
    await writeFile(control, content);
    await start();
  });

  it('finds room for its socket when the state directory has a long name', async () => {
    const long = join(stateDir, 'x'.repeat(120));
    const server = await start(long);
    const socketDir = decodeURIComponent(new URL(server.url).searchParams.get('host') ?? '');
    assert.match(socketDir, /^\/tmp\/emberkeep-/);
    cleanups.unshift(() => rm(socketDir, { recursive: true }));
    assert.equal((await stat(socketDir)).mode & 0o777, 0o700);
    assert.equal((await query(server.url, 'select 1')).length, 1);
  });

  it('can be stopped while it starts', async () => {
    const reason = new Error('enough');
    await assert.rejects(startLocalPostgres({ stateDir, signal: AbortSignal.abort(reason) }), reason);
    await start();
  });

  it('as root, keeps its data where its own user can reach it', async (context) => {
    if (!isRoot) {
      context.diagnostic('runs as an ordinary user: nothing to switch');
      return;
    }
    // mkdtemp makes it 0700, as a home directory is.
    const home = await mkdtemp(join(tmpdir(), 'ek-home-'));
    cleanups.push(() => rm(home, { recursive: true }));
    const inside = join(home, 'state');
    const server = await start(inside);
    assert.match(server.dataDir, /^\/var\/lib\/emberkeep\/[0-9a-f]{16}\/data$/);
    cleanups.unshift(() => rm(join(server.dataDir, '..'), { recursive: true }));
    await query(server.url, 'create table kept (a int)');
    await server.stop();

    await chmod(home, 0o711);
    const again = await start(inside);
    assert.equal(again.dataDir, server.dataDir, 'data stays where it is when the way opens');
    await again.stop();
  });

  it('as root, says what blocks the way to existing data', async (context) => {
    if (!isRoot) {
      context.diagnostic('runs as an ordinary user: nothing to switch');
      return;
    }
    const server = await start();
    await server.stop();
    await chmod(stateDir, 0o700);
    await assert.rejects(startLocalPostgres({ stateDir }), {
      code: 'CATALOG_STATE_UNREACHABLE',
      message: new RegExp(`chmod o\\+x ${stateDir}\``),
    });
    await access(server.dataDir);
    await chmod(stateDir, 0o711);
  });
});
