/** The clock of the service's host jumps by a day: nothing is deleted for it, and what comes after is in its right order. */
import assert from 'node:assert/strict';
import { after, afterEach, before, mock, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { changeImage, imageSha256, listSnapshots, removeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure } from '../../support/service.ts';

const mib = 1024 * 1024;
const dayMs = 86_400_000;
let scratch: ScratchCloud;
let service: FaultyService;
let image: string;

before(async () => {
  scratch = await ScratchCloud.open('clock');
  service = await startFaultyService();
});
after(async () => {
  await service.stop();
  await scratch.close();
});
afterEach(() => {
  mock.restoreAll();
  service.clear();
});

function setClock(jumpMs: number): void {
  mock.restoreAll();
  mock.method(systemClock, 'now', () => new Date(Date.now() + jumpMs));
}

let seed = 0;

async function backup(): Promise<{ id: string; kind: string | undefined; notes: string[] }> {
  seed += 1;
  await changeImage(image, [{ kind: 'write', offset: seed * mib, length: mib, seed }]);
  const job = await service.backup({ image });
  const events = await service.drivers.catalog.events.since(job.id);
  return {
    id: job.result.point_id,
    kind: job.result.disks[0]?.kind,
    notes: events
      .flatMap(({ data: { message } }) => (typeof message === 'string' ? [message] : []))
      .filter((text) => text.includes("host's clock")),
  };
}

interface Expirations {
  expirations: { points: { id: string; goes: boolean }[]; job: { id: string } | null }[];
}

/** Ids of the points that stay, newest first. */
async function keep(rules: Record<string, number>, dryRun: boolean): Promise<string[]> {
  const body = { source: image, keep: rules, dry_run: dryRun };
  const { expirations } = await service.call<Expirations>('POST', '/v1/expirations', body);
  const [expiration] = expirations;
  const job = expiration?.job ?? null;
  if (job !== null) assert.equal((await service.ended(job.id)).state, 'succeeded');
  return expiration?.points.flatMap(({ id, goes }) => (goes ? [] : [id])) ?? [];
}

test('a clock that was a day ahead and is set back: the chain goes on, and the newest point is the newest', async () => {
  image = await scratch.image('volumes', 16 * mib);
  const first = await backup();
  setClock(dayMs);
  const ahead = await backup();
  setClock(0);
  const back = await backup();
  const last = await backup();
  assert.deepEqual([ahead.kind, back.kind, last.kind], ['increment', 'increment', 'increment']);
  assert.deepEqual(ahead.notes, []);
  assert.match(
    back.notes.join(),
    /the newest point is 24 h ahead of this host's clock, so this one is dated/,
  );
  assert.deepEqual(await keep({ last: 4 }, true), [last.id, back.id, ahead.id, first.id]);
  assert.deepEqual(await keep({ last: 1 }, false), [last.id], 'not the one of the wrong clock');
  assert.equal((await listSnapshots(image)).length, 1, 'I4');
  const restored = await service.restore({ point: { id: last.id }, mode: 'image' });
  const made = restored.result.disks[0]?.image ?? '';
  scratch.adoptImage(made);
  assert.equal(await imageSha256(made), await imageSha256(image));
  await removeImage(made);
});

test('days that a clock only says have passed make no point old; the other clock decides', async () => {
  image = await scratch.image('volumes', 16 * mib);
  const [one, two] = [await backup(), await backup()];
  setClock(3 * dayMs);
  assert.deepEqual(await keep({ within_days: 1 }, false), [two.id, one.id]);
  setClock(-3 * dayMs);
  assert.deepEqual(await keep({ within_days: 1 }, false), [two.id, one.id]);
});

test('a clock that is set while snapshots are taken puts them no further apart', async () => {
  image = await scratch.image('volumes', 16 * mib);
  for (const jumpMs of [dayMs, -dayMs]) {
    service.hooks.rbd.createSnapshot = async (at, name) => {
      await service.real.rbd.createSnapshot(at, name);
      setClock(jumpMs);
    };
    const { id } = await backup();
    setClock(0);
    const point = await service.drivers.catalog.points.get(id);
    const spreadMs = point?.manifest.spreadMs ?? -1;
    assert.ok(spreadMs > 0 && spreadMs < dayMs / 2, String(spreadMs));
  }
});

test('a jump costs no request and no token', async () => {
  for (const jumpMs of [dayMs, -dayMs]) {
    setClock(jumpMs);
    await service.call('GET', '/v1/points');
    await assert.rejects(
      service.call('GET', '/v1/points/00000000-0000-4000-8000-000000000000'),
      (error) => error instanceof ApiFailure && error.status === 404,
    );
    const ready = await fetch(`${service.service.url}/readyz`);
    assert.equal(ready.status, 200);
  }
});
