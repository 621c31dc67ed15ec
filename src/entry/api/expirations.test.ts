import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { assertError, callApi, type Answer, type CallOptions } from '../../../test/support/api-call.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';
import type { WireExpiration } from '../cli/expire-view.ts';

let service: FakeService;
before(async () => {
  service = await startFakeService();
});
after(() => service.close());
beforeEach(() => service.operations.reset());

function call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  return callApi<T>(service, method, path, options);
}

test('an expiration says what goes and why the rest stays, and gives a job', async () => {
  const old = service.operations.addPoint('web-01');
  const newest = service.operations.addPoint('web-01');
  const { status, body } = await call<{ expirations: WireExpiration[] }>('POST', '/v1/expirations', {
    body: { source: 'web-01', keep: { last: 1, within_days: 3 }, strategy: 'chains' },
  });
  assert.equal(status, 202);
  const [expiration] = body.expirations;
  assert.deepEqual(
    expiration?.points.map(({ id, goes, reasons }) => [id, goes, reasons]),
    [
      [newest.id, false, ['newest']],
      [old.id, true, []],
    ],
  );
  assert.equal(expiration.job?.kind, 'expire');
  assert.deepEqual(service.operations.expirationRequests, [
    {
      of: { source: 'web-01' },
      store: undefined,
      rules: {
        keepLast: 1,
        keepHourly: undefined,
        keepDaily: undefined,
        keepWeekly: undefined,
        keepMonthly: undefined,
        keepYearly: undefined,
        keepWithinDays: 3,
      },
      strategy: 'chains',
      allowNewest: false,
      dryRun: false,
    },
  ]);
});

test('DELETE of a point takes dry_run and allow_newest, and starts nothing in a dry run', async () => {
  const { id } = service.operations.addPoint('web-01');
  const { body } = await call<{ expiration: WireExpiration }>(
    'DELETE',
    `/v1/points/${id}?dry_run=true&allow_newest=true`,
  );
  assert.equal(body.expiration.job, null);
  const [request] = service.operations.expirationRequests;
  assert.deepEqual([request?.of, request?.dryRun, request?.allowNewest], [{ points: [id] }, true, true]);
  assert.equal(service.operations.jobs.length, 0);
});

test('I7: points of other projects answer as unknown ones; all sources are for administrators', async () => {
  const { id } = service.operations.addPoint('db-01', undefined, projectOf('other'));
  assertError(await call('DELETE', `/v1/points/${id}`), 404, 'NOTFOUND_RESOURCE', /not found/);
  assertError(
    await call('POST', '/v1/expirations', { body: { points: [id] } }),
    404,
    'NOTFOUND_RESOURCE',
    /not found/,
  );
  assertError(
    await call('POST', '/v1/expirations', { body: { all: true } }),
    403,
    'FORBIDDEN_ROLE',
    /administrator/,
  );
});

test('a request that names nothing, several things or rules for named points is refused', async () => {
  const points = ['6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f'];
  for (const [body, message] of [
    [{}, /exactly one of source, all, points/],
    [{ source: 'web-01', all: true }, /exactly one/],
    [{ all: false }, /all/],
    [{ points: [] }, /points/],
    [{ points, keep: { last: 1 } }, /no "keep"/],
    [{ source: 'web-01', keep: { last: 0 } }, /keep.last: must be at least 1/],
    [{ source: 'web-01', keep: { lasts: 1 } }, /unknown key "lasts"/],
  ] as const) {
    assertError(await call('POST', '/v1/expirations', { body }), 400, 'INPUT_BODY', message);
  }
  assert.deepEqual(service.operations.expirationRequests, []);
});
