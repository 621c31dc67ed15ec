import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newId } from '../../base/ids.ts';
import { rightsOf, usualRules, type Caller } from '../../domain/access.ts';
import { volumeDiskKey, type DiskKey } from '../../domain/disk.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { newPoint } from '../../../test/support/catalog-rows.ts';
import type { NewPoint } from '../../drivers/catalog/types.ts';
import type { Expiration, ExpirationRequest } from '../../domain/expiration.ts';
import { requestExpiration } from './request.ts';

const now = new Date('2026-11-22T12:00:00Z');

function caller(projectId: string, ...roles: string[]): Caller {
  return {
    userId: 'u-1',
    userName: 'alice',
    projectId,
    projectName: projectId,
    roles,
    ...rightsOf({ roles, isSystem: false }, usualRules),
    requestId: 'req-1',
    address: '127.0.0.1',
  };
}
const owner = caller('p-1', 'member');
const admin = caller('p-0', 'admin');

describe('a dry run of an expiration', () => {
  let database: CatalogDatabase;
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());

  /** Points of one source, a day apart, the last one of today: `full` begins a new chain. */
  async function commit(sourceId: string, ...kinds: ('full' | 'increment')[]): Promise<NewPoint[]> {
    const key: DiskKey = volumeDiskKey(newId());
    const points: NewPoint[] = [];
    for (const [index, kind] of kinds.entries()) {
      const takenAt = new Date(Date.UTC(2026, 10, 22 - (kinds.length - 1 - index), 10)).toISOString();
      const parent = kind === 'full' ? undefined : points.at(-1)?.links[0];
      const point = newPoint({ sourceId, takenAt, disks: [{ key, parent }] });
      await database.catalog.points.commit(point);
      points.push(point);
    }
    return points;
  }

  async function ask(request: Partial<ExpirationRequest>, by = owner, retention = {}): Promise<Expiration[]> {
    const { catalog } = database;
    const queue = { enqueue: () => Promise.reject(new Error('a dry run starts nothing')) };
    return await requestExpiration({ catalog, queue, retention, now: () => Promise.resolve(now) }, by, {
      of: 'all',
      rules: {},
      strategy: 'fold',
      allowNewest: false,
      dryRun: true,
      ...request,
    });
  }

  const goes = (expirations: Expiration[]): boolean[] =>
    (expirations[0]?.points ?? []).map((point) => point.goes);

  it('says which points go, why the others stay, and what that frees', async () => {
    const source = newId();
    const points = await commit(source, 'full', 'increment', 'increment', 'full', 'increment');
    const [expiration, ...others] = await ask({ of: { source }, rules: { keepDaily: 1, keepWithinDays: 3 } });
    assert.deepEqual(others, []);
    assert.deepEqual(
      expiration?.points.map(({ id, reasons }) => [id, reasons]),
      [
        [points[4]?.manifest.pointId, ['newest', 'daily 2026-11-22', 'within 3 days']],
        [points[3]?.manifest.pointId, ['within 3 days']],
        [points[2]?.manifest.pointId, ['within 3 days']],
        [points[1]?.manifest.pointId, []],
        [points[0]?.manifest.pointId, []],
      ],
    );
    const stored = 1_000_000_100;
    assert.equal(expiration.freesAtLeastBytes, 0, 'the links are folded: what lives on is not known yet');
    assert.equal(expiration.freesAtMostBytes, 2 * stored);
    assert.equal(expiration.needsAtMostBytes, 3 * stored);
    assert.equal(expiration.job, null);
  });

  it('takes the configured rules when none are given, and never deletes everything for want of rules', async () => {
    const source = newId();
    await commit(source, 'full', 'full', 'full');
    assert.deepEqual(goes(await ask({ of: { source } }, owner, { keepLast: 2 })), [false, false, true]);
    assert.deepEqual(goes(await ask({ of: { source }, rules: { keepLast: 1 } }, owner, { keepLast: 2 })), [
      false,
      true,
      true,
    ]);
    await assert.rejects(ask({ of: { source } }), { code: 'INPUT_NO_RETENTION', message: /--keep-last/ });
  });

  it('with chains, only whole chains go, and the others say what holds them', async () => {
    const source = newId();
    await commit(source, 'full', 'increment', 'full', 'increment');
    const [expiration] = await ask({ of: { source }, rules: { keepLast: 1 }, strategy: 'chains' });
    assert.deepEqual(
      expiration?.points.map(({ reasons }) => reasons),
      [['newest', 'last'], ['another point of its chain stays'], [], []],
    );
    assert.equal(expiration.freesAtLeastBytes, expiration.freesAtMostBytes);
  });

  it('I8: a damaged link that others need stays, and is told of', async () => {
    const source = newId();
    const points = await commit(source, 'full', 'increment', 'increment');
    await database.catalog.links.markDamaged(points[1]?.links[0]?.linkId ?? '', 'bad sector');
    const [expiration] = await ask({ of: { points: [points[1]?.manifest.pointId ?? ''] } });
    assert.deepEqual(
      expiration?.points.map(({ state, goes: isGoing }) => [state, isGoing]),
      [
        ['damaged', false],
        ['damaged', true],
        ['complete', false],
      ],
    );
    assert.match(expiration.notes.join(), /stays in the store: it is damaged/);
    assert.equal(expiration.freesAtMostBytes, 0);
  });

  it('the newest complete point may be named, but is refused without a word for it', async () => {
    const points = await commit(newId(), 'full', 'increment');
    const of = { points: [points[1]?.manifest.pointId ?? ''] };
    assert.deepEqual((await ask({ of }))[0]?.points[0]?.reasons, ['newest']);
    await assert.rejects(ask({ of, dryRun: false }), { code: 'CONFLICT_NEWEST_POINT', message: /full/ });
    assert.deepEqual(goes(await ask({ of, allowNewest: true })), [true, false]);
  });

  it('I7: what belongs to another project is as what does not exist; readers and all sources are refused', async () => {
    const source = newId();
    const points = await commit(source, 'full', 'full');
    const named = { points: [points[0]?.manifest.pointId ?? ''] };
    const stranger = caller('p-2', 'member');
    const rules = { keepLast: 1 };
    const unknown = newId();
    for (const [of, what] of [
      [named, named.points[0]],
      [{ points: [unknown] }, unknown],
    ] as const) {
      await assert.rejects(ask({ of }, stranger), {
        code: 'NOTFOUND_RESOURCE',
        message: `point "${what}" was not found; check the name or id and your project`,
      });
    }
    for (const name of [source, 'web-01', 'no-such-source'])
      await assert.rejects(ask({ of: { source: name }, rules }, stranger), { code: 'NOTFOUND_RESOURCE' });
    for (const wanted of [named, { source }])
      await assert.rejects(ask({ of: wanted, rules }, caller('p-1', 'reader')), { code: 'FORBIDDEN_ROLE' });
    await assert.rejects(ask({ rules }), { code: 'FORBIDDEN_ROLE', message: /administrator/ });
    assert.ok((await ask({ rules }, admin)).some(({ sourceId }) => sourceId === source));
  });

  it('a name that several sources have is refused with their ids', async () => {
    const ids = [newId(), newId()];
    for (const id of ids) await commit(id, 'full');
    await assert.rejects(ask({ of: { source: 'web-01' }, rules: { keepLast: 1 } }), (error: Error) =>
      ids.every((id) => error.message.includes(id)),
    );
  });
});
