import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { openCatalogServer, type CatalogServer } from '../../../test/support/catalog-database.ts';
import { createLocks, type Lock, type Locks } from './locks.ts';

describe('locks', () => {
  let database: CatalogServer;
  let here: Locks;
  let there: Locks;
  before(async () => {
    database = await openCatalogServer();
    here = createLocks({ url: database.url });
    there = createLocks({ url: database.url });
  });
  after(async () => {
    await here.close();
    await there.close();
    await database.close();
  });

  async function must(acquiring: Promise<Lock | undefined>): Promise<Lock> {
    const lock = await acquiring;
    assert.ok(lock);
    return lock;
  }

  /** For what the server gives back in its own time. */
  async function first(acquire: () => Promise<Lock | undefined>): Promise<Lock> {
    let lock = await acquire();
    while (lock === undefined) lock = await acquire();
    return lock;
  }

  it('belongs to one holder, in this process and in any other', async () => {
    const lock = await must(here.acquire('disk:a'));
    assert.equal(await here.acquire('disk:a'), undefined);
    assert.equal(await there.acquire('disk:a'), undefined);
    const other = await must(there.acquire('disk:b'));
    await lock.release();
    await lock.release();
    const next = await must(there.acquire('disk:a'));
    await lock.release();
    assert.equal(await here.acquire('disk:a'), undefined, 'an old release does not touch the new holder');
    assert.equal(next.signal.aborted, false);
    await Promise.all([next.release(), other.release()]);
  });

  it('of many that ask at once, one gets it', async () => {
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? here : there).acquire('disk:crowd')),
    );
    const [lock, ...others] = asked.filter((each) => each !== undefined);
    assert.ok(lock);
    assert.equal(others.length, 0);
    await lock.release();
  });

  it('I9: kill -9 of the holder frees it', async () => {
    const script = `${import.meta.dirname}/../../../test/support/hold-lock.ts`;
    const holder = spawn(process.execPath, [script, database.url, 'disk:killed'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(holder.stdout, 'data')) as [Buffer];
    assert.equal(line.toString().trim(), 'held');
    assert.equal(await here.acquire('disk:killed'), undefined);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    // The server notices the closed socket in its own time, which is a few milliseconds.
    const lock = await first(() => here.acquire('disk:killed'));
    await lock.release();
  });

  it('I9: a holder whose connection breaks is told, and can take a lock again later', async () => {
    const lock = await must(here.acquire('disk:cut'));
    const lost = once(lock.signal, 'abort');
    await database.sql.raw(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'emberkeep-locks'`,
    );
    await lost;
    assert.ok(lock.signal.reason instanceof AppError);
    assert.equal(lock.signal.reason.code, 'CATALOG_LOCK_LOST');
    // The server tells its client before it has let go of the lock.
    const again = await first(() => here.acquire('disk:cut'));
    await lock.release();
    assert.equal(await there.acquire('disk:cut'), undefined, 'a release of the lost lock changes nothing');
    await again.release();
  });

  it('says when the database cannot be reached, and works again when it can', async () => {
    const lost = createLocks({ url: 'postgresql://nobody@localhost/none?host=/nowhere' });
    await assert.rejects(lost.acquire('disk:a'), { code: 'CATALOG_UNREACHABLE', retryable: true });
    await lost.close();

    const lock = await must(here.acquire('disk:restart'));
    await database.restart();
    assert.equal(lock.signal.aborted, true);
    await (await must(here.acquire('disk:restart'))).release();
  });
});
