/** What a plan says, that it changes nothing, and that the run does what it said. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { WireRestorePlan } from '../../../src/entry/cli/plan-view.ts';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { patience } from '../../support/devcloud.ts';
import { changeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure } from '../../support/service.ts';

const mib = 1024 * 1024;

let scratch: ScratchCloud;
let service: FaultyService;
let serverId: string;
let rootId: string;
let dataId: string;
let firstPoint: string;
let pointId: string;

before(async () => {
  scratch = await ScratchCloud.open('plan');
  service = await startFaultyService();
  [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
  await changeImage(imageOf(rootId), [{ kind: 'write', offset: 0, length: mib, seed: 1 }]);
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: 0, length: 8 * mib, seed: 2 }]);
  serverId = await scratch.instance({ disks: [{ volumeId: rootId }, { volumeId: dataId }] });
  firstPoint = (await service.backup({ instance: serverId })).result.point_id;
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: 0, length: 2 * mib, seed: 3 }]);
  pointId = (await service.backup({ instance: serverId })).result.point_id;
  await changeImage(imageOf(dataId), [{ kind: 'write', offset: 5 * mib, length: mib, seed: 4 }]);
});
afterEach(() => {
  service.clear();
});
after(async () => {
  await service.stop();
  await scratch.close();
});

function imageOf(volumeId: string): string {
  return `volumes/volume-${volumeId}`;
}

async function planOf(mode: string, more: object = {}, cloud?: string): Promise<WireRestorePlan> {
  const body = { point: { id: pointId }, mode, ...more };
  const answer = await service.call<{ restore_plan: WireRestorePlan }>(
    'POST',
    '/v1/restore-plans',
    body,
    cloud,
  );
  return answer.restore_plan;
}

const kindsOf = ({ steps }: WireRestorePlan): string[] => steps.map(({ kind }) => kind);

/** Every verb with which a restore changes something. */
function forbidChanges(): string[] {
  const called: string[] = [];
  const forbid = <T extends object>(hooks: T, names: readonly (keyof T & string)[]): void => {
    for (const name of names)
      Object.assign(hooks, {
        [name]: () => {
          called.push(name);
          throw new Error(`a plan called ${name}`);
        },
      });
  };
  forbid(service.hooks.rbd, [
    ...([
      'createImage',
      'removeImage',
      'renameImage',
      'growImage',
      'setImageMark',
      'clearImageMark',
    ] as const),
    ...(['createSnapshot', 'removeSnapshot', 'importDiff', 'prepareMigration', 'settleNames'] as const),
  ]);
  forbid(service.hooks.store, [
    'writeLink',
    'writePoint',
    'removeLink',
    'readLinkSegment',
    'openChainStream',
  ]);
  forbid(service.hooks.attachments, ['attach', 'detach']);
  forbid(service.hooks.cinder, ['manageVolume', 'createVolume', 'deleteVolume', 'setImageMetadata']);
  forbid(service.hooks.nova, ['createServer', 'stopServer', 'startServer', 'lockServer', 'deleteServer']);
  return called;
}

test('each mode is planned in words, with its bytes, and nothing is changed', async () => {
  const jobs = await service.call<{ jobs: WireJob[] }>('GET', '/v1/jobs');
  const volumes = await scratch.volumes();
  const called = forbidChanges();
  const expected: Record<string, string[]> = {
    image: ['import', 'import'],
    volume: ['import', 'import', 'move', 'make', 'move', 'make'],
    replace: ['import', 'move', 'make', 'detach', 'attach', 'keep'],
    'in-place': ['import', 'import', 'move', 'move', 'stop', 'swap', 'keep', 'swap', 'keep', 'start'],
    instance: ['import', 'import', 'move', 'make', 'move', 'make', 'make'],
  };
  for (const [mode, kinds] of Object.entries(expected)) {
    const plan = await planOf(mode);
    assert.deepEqual(kindsOf(plan), kinds, mode);
    assert.deepEqual([plan.possible, plan.problems], [true, []], mode);
    const data = plan.disks.find(({ disk_key: key }) => key === `volume:${dataId}`);
    assert.deepEqual([data?.written_bytes, data?.size_bytes], [8 * mib, 1024 * mib], mode);
    assert.ok((data?.read_bytes ?? 0) > 7 * mib && (data?.read_bytes ?? 0) < 11 * mib, mode);
    const destructive = mode === 'replace' || mode === 'in-place';
    assert.deepEqual([plan.undo_days, plan.losses.length > 0], [destructive ? 7 : null, destructive], mode);
    assert.equal(plan.duration_seconds, null, 'no restore was measured yet');
  }
  assert.deepEqual(called, []);
  assert.deepEqual(await service.call<{ jobs: WireJob[] }>('GET', '/v1/jobs'), jobs);
  assert.deepEqual(await scratch.volumes(), volumes);
  const { restores } = await service.call<{ restores: object[] }>('GET', '/v1/restores');
  assert.deepEqual(restores, []);
});

test('I3: what is lost is measured from the snapshot of the point, or said to be unknown', async () => {
  const loss = ({ losses }: WireRestorePlan) =>
    losses.find(({ disk_key: key }) => key === `volume:${dataId}`);
  const newest = loss(await planOf('in-place'));
  // One MiB within one object of 4 MiB.
  assert.deepEqual([newest?.changed_bytes, newest?.unsaved_bytes], [4 * mib, 4 * mib]);
  assert.match(newest?.text ?? '', /kept, for 7 days/);
  const older = await planOf('replace', { point: { id: firstPoint } });
  assert.deepEqual([loss(older)?.changed_bytes, loss(older)?.unsaved_bytes], [null, 4 * mib]);
  assert.match(loss(older)?.text ?? '', new RegExp(`stays on volume ${dataId}`));
  assert.ok((older.later_point_at ?? '') > older.taken_at);
});

test('all that stands against a restore is told at once, by the plan and by the restore', async () => {
  const { nova, cinder } = scratch.owner();
  await nova.pauseServer(serverId);
  await nova.waitForServer(serverId, 'PAUSED', patience);
  const codes = ({ problems }: Pick<WireRestorePlan, 'problems'>): string[] =>
    problems.map(({ code }) => code);
  try {
    const [alone] = (await planOf('in-place')).problems;
    assert.deepEqual([alone?.code, alone?.disk_key], ['CONFLICT_INSTANCE_STATE', null]);
    assert.match(alone?.remedy ?? '', /start or stop it first/);
    const one = await service.failedRestore({ point: { id: pointId }, mode: 'in-place' });
    assert.equal(one.job.error?.type, 'CONFLICT_INSTANCE_STATE', 'one problem keeps its own code');
    for (const id of [rootId, dataId]) await cinder.resetStatus(id, 'maintenance');
    const plan = await planOf('in-place');
    const expected = ['CONFLICT_DISK_BUSY', 'CONFLICT_DISK_BUSY', 'CONFLICT_INSTANCE_STATE'];
    assert.deepEqual(codes(plan), expected);
    assert.deepEqual([plan.possible, plan.steps, plan.losses], [false, [], []]);
    assert.deepEqual(
      plan.problems.map(({ disk_key: key }) => key),
      [`volume:${rootId}`, `volume:${dataId}`, null],
    );
    const { job } = await service.failedRestore({ point: { id: pointId }, mode: 'in-place' });
    assert.equal(job.error?.type, 'CONFLICT_RESTORE_PLAN');
    assert.deepEqual(codes(job.error.details as unknown as WireRestorePlan), expected);
    assert.match(job.error.message, /nothing was begun: \(1\) volume .* \(3\) instance .* is PAUSED/);
  } finally {
    for (const id of [rootId, dataId]) await cinder.resetStatus(id, 'in-use');
    await nova.unpauseServer(serverId);
    await nova.waitForServer(serverId, 'ACTIVE', patience);
  }
});

test('a quota without room and choices that cannot be had are in the plan, before anything is imported', async () => {
  service.hooks.cinder.volumeRoom = () => Promise.resolve({ volumes: 1, volumeGib: 1 });
  const volume = await planOf('volume');
  assert.deepEqual(
    volume.problems.map(({ code, what }) => [code, /for 1 more (volumes|GiB of volumes)/.exec(what)?.[1]]),
    [
      ['LIMIT_OPENSTACK_QUOTA', 'volumes'],
      ['LIMIT_OPENSTACK_QUOTA', 'GiB of volumes'],
    ],
  );
  const instance = await planOf('instance', {
    disks: [dataId],
    instance: { flavor: 'm9.huge', networks: ['nowhere'] },
  });
  const patterns = [/needs the root disk/, /flavor "m9.huge"/, /network "nowhere"/];
  assert.equal(instance.problems.length, patterns.length);
  for (const [index, pattern] of patterns.entries()) {
    assert.match(instance.problems[index]?.what ?? '', pattern);
    assert.notEqual(instance.problems[index]?.remedy, '');
  }
});

test('I7: whoever may not restore gets no plan', async () => {
  const refusal = (status: number, type: string) => (error: unknown) =>
    error instanceof ApiFailure && error.status === status && error.body.error.type === type;
  await assert.rejects(planOf('volume', {}, 'devcloud-other'), refusal(404, 'NOTFOUND_RESOURCE'));
  await assert.rejects(planOf('volume', {}, 'devcloud-reader'), refusal(403, 'FORBIDDEN_ROLE'));
});

test('the run does what the plan said, and the next plan goes by how long it took', async () => {
  const said = await planOf('in-place');
  const { result } = await service.restore({ point: { id: pointId }, mode: 'in-place' });
  assert.deepEqual(
    result.disks.map(({ disk_key: key, image }) => [key, image]),
    [rootId, dataId].map((id) => [`volume:${id}`, imageOf(id)]),
  );
  const swaps = said.steps.filter(({ kind }) => kind === 'swap');
  assert.deepEqual(
    swaps.map(({ volume_id: id }) => id),
    [rootId, dataId],
  );
  const { state } = await scratch.owner().nova.getServer(serverId);
  assert.equal(state.status, 'ACTIVE');
  const { restore } = await service.call<{ restore: WireRestore }>(
    'GET',
    `/v1/restores/${result.restore_id}`,
  );
  const [kept, ended] = [restore.undo_until, restore.finished_at].map((time) => Date.parse(time ?? ''));
  assert.ok(Math.abs((kept ?? 0) - (ended ?? 0) - 7 * 86_400_000) < 60_000, 'kept for as long as was said');
  const next = await planOf('in-place');
  assert.equal(next.measured_restores, 1);
  assert.ok((next.duration_seconds ?? 0) > 0 && (next.stopped_seconds ?? 0) > 0);
  assert.ok((next.stopped_seconds ?? 0) <= (next.duration_seconds ?? 0));
  const stop = next.steps.find(({ kind }) => kind === 'stop');
  assert.match(stop?.text ?? '', /which runs now, for roughly /);
  assert.equal((await planOf('volume')).measured_restores, 0, 'other modes take other times');
  for (const { kept_image: image } of result.disks) scratch.adoptImage(image ?? '');
});
