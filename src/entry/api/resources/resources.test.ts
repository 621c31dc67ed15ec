import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { z } from 'zod';
import { assertError, callApi, type Answer, type CallOptions } from '../../../../test/support/api-call.ts';
import { fakePlan } from '../../../../test/support/fake-restore.ts';
import { fixedTime } from '../../../../test/support/fake-cloud.ts';
import { startFakeService, type FakeService } from '../../../../test/support/fake-service.ts';
import type { imageSchema, poolSchema, snapshotSchema } from './cluster.ts';
import type { instanceSchema, instanceSummarySchema } from './instance.ts';
import type { jobSchema } from './job.ts';
import { presentPlannedRestore } from './planned-restore.ts';
import type { pointDetailSchema } from './point-detail.ts';
import type { pointSchema } from './point.ts';
import type { restoreSchema } from './restore.ts';

/** Every body that the API can answer with, all at once: which of them is there, the document's check has told. */
interface Body {
  links: { href: string }[];
  instances: z.output<typeof instanceSummarySchema>[];
  instance: z.output<typeof instanceSchema>;
  points: z.output<typeof pointSchema>[];
  point: z.output<typeof pointDetailSchema>;
  jobs: z.output<typeof jobSchema>[];
  job: z.output<typeof jobSchema>;
  restores: z.output<typeof restoreSchema>[];
  restore: z.output<typeof restoreSchema>;
  pools: z.output<typeof poolSchema>[];
  images: z.output<typeof imageSchema>[];
  snapshots: z.output<typeof snapshotSchema>[];
}

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => service.operations.reset());

function call(method: string, path: string, options?: CallOptions): Promise<Answer<Body>> {
  return callApi<Body>(service, method, path, options);
}

describe('resources', () => {
  test('instances, with hosts for administrators only', async () => {
    const list = (await call('GET', '/v1/instances')).body;
    assert.deepEqual(
      list.instances.map(({ name }) => name),
      ['web-01'],
    );
    assert.deepEqual(list.links, []);
    const all = await call('GET', '/v1/instances?all_projects=true', { token: 'admin' });
    assert.equal(all.body.instances.length, 2);
    const { instance } = (await call('GET', '/v1/instances/web-01')).body;
    assert.deepEqual(instance.metadata, { someKey: 'someValue' });
    assert.deepEqual(instance.flavor.extra_specs, { 'hw:cpu_policy': 'shared' });
    assert.deepEqual(instance.disks[0]!.volume!.metadata, { camelCase: 'kept', 'with space': 'kept' });
    assert.equal(instance.has_user_data, true);
    assert.ok(!JSON.stringify(instance).includes('secret-host'));
    assert.ok(!JSON.stringify(instance).includes('cGFzc3dvcmQ='));
    const asAdmin = await call('GET', `/v1/instances/${instance.id}`, {
      token: 'admin',
    });
    assert.equal(asAdmin.body.instance.host, 'secret-host');
  });

  test('points page by marker and limit', async () => {
    for (let hour = 0; hour < 5; hour += 1) {
      service.operations.addPoint('web-01', new Date(Date.UTC(2026, 10, 22, hour)));
    }
    const seen: string[] = [];
    let path = '/v1/points?limit=2&source=web-01';
    for (let pages = 0; pages < 5 && path !== ''; pages += 1) {
      const { body } = await call('GET', path);
      seen.push(...body.points.map(({ id }) => id));
      path = body.links[0]?.href.slice(service.url.length) ?? '';
    }
    assert.deepEqual(
      seen,
      service.operations.points.map(({ id }) => id),
    );
    const since = await call(
      'GET',
      '/v1/points?since=2026-11-22T03:00:00%2B01:00&before=2026-11-22T04:00:00Z',
    );
    assert.equal(since.body.points.length, 2);
    const { point } = (await call('GET', `/v1/points/${seen[0]!}`)).body;
    assert.equal(point.links[0]!.kind, 'full');
    assert.equal(point.instance?.name, 'web-01');
  });

  test('links lead through the public address when one is set', async () => {
    const proxied = await startFakeService({ publicUrl: 'https://cloud.example/backup/' });
    proxied.operations.addPoint('web-01');
    proxied.operations.addPoint('web-01');
    const response = await fetch(`${proxied.url}/v1/points?limit=1`, {
      headers: { 'x-auth-token': 'member' },
    });
    const { links } = (await response.json()) as Body;
    assert.match(links[0]!.href, /^https:\/\/cloud\.example\/backup\/v1\/points\?limit=1&marker=/);
    await proxied.close();
  });

  test('backups of each kind of target', async () => {
    const post = async (target: object, token = 'member') =>
      (await call('POST', '/v1/backups', { token, body: { target } })).body.jobs;
    const [job] = await post({ instance: 'web-01' });
    assert.equal(job!.state, 'queued');
    assert.equal(job!.target['name'], 'web-01');
    assert.equal((await post({ pool: 'volumes' }, 'admin')).length, 2);
    const [image] = await post({ image: 'volumes/a', cluster: 'far' });
    assert.deepEqual(image!.target, { kind: 'image', cluster: 'far', pool: 'volumes', image: 'a' });
    await post({ volume: 'data' });
    assert.deepEqual(
      service.operations.backupRequests.map(({ target }) => target),
      [
        { kind: 'instance', nameOrId: 'web-01' },
        { kind: 'pool', cluster: 'ceph', pool: 'volumes' },
        { kind: 'image', location: { cluster: 'far', pool: 'volumes', image: 'a' } },
        { kind: 'volume', nameOrId: 'data' },
      ],
    );
  });

  test('restores by point and by time', async () => {
    const point = service.operations.addPoint('web-01');
    const post = (body: object) => call('POST', '/v1/restores', { body });
    const { body, status } = await post({ point: { id: point.id }, mode: 'volume', name: 'again' });
    assert.equal(status, 202);
    assert.equal(body.restore.point_id, point.id);
    const earlier = await post({
      point: { instance: 'web-01', at: '2026-11-22T11:00:00+01:00' },
      mode: 'replace',
    });
    assert.equal(earlier.body.restore.mode, 'replace');
    assert.deepEqual(service.operations.restoreRequests.at(-1)?.point, {
      sourceKind: 'instance',
      nameOrId: 'web-01',
      at: fixedTime,
    });
    assertError(await post({ point: { instance: 'web-01' } }), 400, 'INPUT_BODY', /mode/);
    const whole = await post({ point: { id: point.id }, mode: 'instance', instance: { networks: [] } });
    assert.equal(whole.body.restore.instance, null);
    const wrong = { point: { id: point.id }, mode: 'volume', instance: { flavor: 'm1.large' } };
    assertError(await post(wrong), 400, 'INPUT_BODY', /with mode instance only/);
    assertError(
      await post({ point: { id: point.id, at: 'latest' }, mode: 'image' }),
      400,
      'INPUT_BODY',
      /no "at"/,
    );
    const soon = await post({ point: { instance: 'web-01', at: 'soon' }, mode: 'image' });
    assertError(soon, 400, 'INPUT_BODY', /point\.at: must be "latest" or an ISO 8601 time/);
    assert.equal((await call('GET', '/v1/restores')).body.restores.length, 3);
    assert.equal((await call('GET', `/v1/restores/${body.restore.id}`)).body.restore.mode, 'volume');
  });

  test('a restore in place is taken back by its undo', async () => {
    const point = service.operations.addPoint('web-01');
    const { body } = await call('POST', '/v1/restores', {
      body: { point: { id: point.id }, mode: 'in-place' },
    });
    assert.equal(body.restore.undo_until, null);
    const { status, body: undone } = await call('POST', `/v1/restores/${body.restore.id}/undo`);
    assert.equal(status, 202);
    assert.equal(undone.job.kind, 'undo');
    const shown = await call('GET', `/v1/restores/${body.restore.id}`);
    assert.equal(shown.body.restore.state, 'undone');
    assert.equal(shown.body.restore.undone_at, fixedTime.toISOString());
    assertError(
      await call('POST', `/v1/restores/${point.id}/undo`),
      404,
      'NOTFOUND_RESOURCE',
      /was not found/,
    );
  });

  test('jobs are listed, shown and cancelled once', async () => {
    const job = service.operations.addJob({ kind: 'volume', id: 'v', name: 'data' });
    assert.equal((await call('GET', '/v1/jobs?state=queued&kind=backup')).body.jobs[0]!.id, job.id);
    assert.equal((await call('GET', '/v1/jobs?state=failed')).body.jobs.length, 0);
    assertError(await call('GET', '/v1/jobs?state=odd'), 400, 'INPUT_QUERY', /state: must be one of queued/);
    const cancelled = await call('POST', `/v1/jobs/${job.id}/cancel`);
    assert.equal(cancelled.status, 202);
    assert.equal(cancelled.body.job.state, 'cancelled');
    assertError(
      await call('POST', `/v1/jobs/${job.id}/cancel`),
      409,
      'CONFLICT_JOB_FINISHED',
      /already cancelled/,
    );
  });

  test('what a verification found, what a plan notes and what to do have codes where they are known', async () => {
    const job = service.operations.addJob({ kind: 'instance', id: 'i' });
    const reason = 'Segment 2 of link l is damaged: it is missing. (3 damages in all)';
    const damagedPoints = [
      { pointId: 'p', reason },
      { pointId: 'q', reason: 'odd' },
    ];
    service.operations.finish(job, { result: { damagedPoints } });
    assert.deepEqual((await call('GET', `/v1/jobs/${job.id}`)).body.job.result, {
      damaged_points: [
        {
          point_id: 'p',
          reason,
          reason_code: 'segment-missing',
          reason_params: { number: '2', link: 'l', count: '3' },
        },
        { point_id: 'q', reason: 'odd' },
      ],
    });
    const plan = fakePlan(service.operations.addPoint('web-01'), 'in-place');
    const [first, ...others] = plan.problems;
    const problems = [{ ...first!, remedy: 'restore it with mode image' }, ...others];
    const notes = ['security group web is gone', 'odd'];
    const shown = presentPlannedRestore({ ...plan, problems, notes });
    assert.deepEqual(
      shown.problems.map(({ remedy_code: code }) => code),
      ['mode-image', null],
    );
    assert.deepEqual(shown.said_notes, [
      { text: 'security group web is gone', code: 'security-group-gone', params: { group: 'web' } },
      { text: 'odd', code: null, params: {} },
    ]);
  });

  test('a job that failed for the cloud shows its details to administrators only', async () => {
    const job = service.operations.addJob({ kind: 'volume', id: 'v' });
    const error = { code: 'CEPH_COMMAND', message: 'rbd failed', details: { hostName: 'mon-1' } };
    service.operations.finish(job, { state: 'failed', error });
    const details = async (token: string) =>
      (await call('GET', `/v1/jobs/${job.id}`, { token })).body.job.error!.details;
    assert.deepEqual(await details('member'), {});
    assert.deepEqual(await details('admin'), { host_name: 'mon-1' });
  });

  test('pools, images and snapshots are for administrators', async () => {
    assertError(await call('GET', '/v1/pools'), 403, 'FORBIDDEN_ROLE', /administrator/);
    assert.equal((await call('GET', '/v1/pools', { token: 'admin' })).body.pools[0]!.pool, 'volumes');
    const images = await call('GET', '/v1/pools/volumes/images?cluster=far', { token: 'admin' });
    assert.equal(images.body.images[0]!.cluster, 'far');
    const snapshots = await call('GET', '/v1/pools/volumes/images/a/snapshots', { token: 'admin' });
    assert.deepEqual(
      snapshots.body.snapshots.map(({ created_at }) => created_at),
      [fixedTime.toISOString(), null],
    );
  });

  test('an answer that breaks its schema is a bug, not an answer', async () => {
    const point = service.operations.addPoint('web-01');
    point.sizeBytes = -1;
    assertError(await call('GET', '/v1/points'), 500, 'BUG_RESPONSE', /report request id/);
  });
});
