import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { assertError, type Answer } from '../../../test/support/api-call.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { dailyPolicy, PolicyService } from '../../../test/support/policy-service.ts';
import type {
  WirePolicy,
  WirePolicyAssignment,
  WirePolicySource,
  WireSimulatedDay,
} from '../cli/policy-view.ts';

let policies: PolicyService;
before(async () => {
  policies = await PolicyService.open();
});
after(() => policies.close());
beforeEach(() => policies.lab.reset());

test('a policy is shown as it was made, with what was left out', async () => {
  const made = await policies.asAdmin<{ policy: WirePolicy }>('POST', '/v1/policies', dailyPolicy);
  assert.equal(made.status, 200);
  const { id, created_at: createdAt, updated_at: updatedAt, ...rest } = made.body.policy;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(createdAt, updatedAt);
  assert.deepEqual(rest, {
    ...dailyPolicy,
    description: '',
    enabled: true,
    consistency: 'crash',
    schedule: { cron: '0 2 * * *', time_zone: 'Europe/Berlin' },
    retention: { keep: { daily: 7, within_days: 3 }, strategy: 'fold' },
  });
  const byName = await policies.call<{ policy: WirePolicy }>('GET', '/v1/policies/daily');
  assert.deepEqual(byName.body, made.body);
  assert.deepEqual((await policies.call('GET', `/v1/policies/${id}`)).body, made.body);
});

test('a change changes what it names, and null takes away', async () => {
  await policies.asAdmin('POST', '/v1/policies', dailyPolicy);
  const { body } = await policies.asAdmin<{ policy: WirePolicy }>('PATCH', '/v1/policies/daily', {
    schedule: { every: '90m' },
    cycle: { days: 3 },
    retention: { cycles: 2 },
    window: null,
    enabled: false,
  });
  assert.deepEqual(
    [
      body.policy.schedule,
      body.policy.cycle,
      body.policy.retention,
      body.policy.window,
      body.policy.enabled,
      body.policy.spread_minutes,
      body.policy.bandwidth_mib,
    ],
    [{ every: '90m' }, { days: 3 }, { cycles: 2 }, null, false, 30, 100],
  );
  for (const every of ['6h', '1d'])
    assert.equal(
      (await policies.asAdmin<{ policy: WirePolicy }>('PATCH', '/v1/policies/daily', { schedule: { every } }))
        .body.policy.schedule.every,
      every,
    );
});

test('what is wrong is refused with what to write instead', async () => {
  for (const [change, code, message] of [
    [{ schedule: {} }, 'INPUT_BODY', /exactly one of cron, every/],
    [{ schedule: { cron: '0 2 * * *', every: '1h' } }, 'INPUT_BODY', /exactly one/],
    [{ schedule: { every: '0h' } }, 'INPUT_BODY', /such as 30m, 6h or 1d/],
    [{ schedule: { cron: 'daily' } }, 'INPUT_SCHEDULE', /five fields/],
    [{ schedule: { cron: '0 2 * * *', time_zone: 'Mars/Base' } }, 'INPUT_SCHEDULE', /time zone/],
    [{ window: { start: '25:00', end: '06:00' } }, 'INPUT_BODY', /time of day/],
    [{ retention: { keep: {} } }, 'INPUT_POLICY', /no rule/],
    [{ retention: { keep: { daily: 1 }, cycles: 1 } }, 'INPUT_BODY', /exactly one of keep, cycles/],
    [{ cycle: { forever: true, days: 3 } }, 'INPUT_BODY', /or else forever/],
    [{ retention: { keep: { last: 1 }, strategy: 'chains' } }, 'INPUT_POLICY', /exclude each other/],
    [{ name: 'a b' }, 'INPUT_POLICY', /cannot name a policy/],
    [{ names: 'x' }, 'INPUT_BODY', /unknown key "names"/],
  ] as const)
    assertError(
      await policies.asAdmin('POST', '/v1/policies', { ...dailyPolicy, ...change }),
      400,
      code,
      message,
    );
  assert.equal((await policies.asAdmin('POST', '/v1/policies', dailyPolicy)).status, 200);
  assertError(
    await policies.asAdmin('POST', '/v1/policies', dailyPolicy),
    409,
    'CONFLICT_POLICY_NAME',
    /already/,
  );
});

test('tenants read what is published, and write nothing; the rest does not exist for them (I7)', async () => {
  await policies.asAdmin('POST', '/v1/policies', dailyPolicy);
  await policies.asAdmin('POST', '/v1/policies', { ...dailyPolicy, name: 'secret', published: false });
  for (const token of ['member', 'reader', 'stranger']) {
    const { body } = await policies.call<{ policies: WirePolicy[] }>('GET', '/v1/policies', { token });
    assert.deepEqual(
      body.policies.map(({ name }) => name),
      ['daily'],
    );
    const unknown = await policies.call<{ error: { message: string } }>('GET', '/v1/policies/nothing', {
      token,
    });
    for (const [method, path, body] of [
      ['GET', ''],
      ['GET', '/assignments'],
      ['GET', '/sources'],
      ['PATCH', '', { enabled: false }],
      ['DELETE', ''],
      ['POST', '/simulate', {}],
      ['POST', '/assignments', { instance: 'web-01' }],
    ] as const) {
      const answer = await policies.call<{ error: { message: string } }>(
        method,
        `/v1/policies/secret${path}`,
        {
          token,
          ...(body === undefined ? {} : { body }),
        },
      );
      assert.equal(answer.status, 404, `${method} ${path}`);
      assert.equal(answer.body.error.message, unknown.body.error.message.replace('nothing', 'secret'));
    }
    assertError(
      await policies.call('POST', '/v1/policies', { token, body: { ...dailyPolicy, name: 'mine' } }),
      403,
      'FORBIDDEN_ROLE',
      /administrator/,
    );
    assertError(
      await policies.call('PATCH', '/v1/policies/daily', { token, body: { enabled: false } }),
      403,
      'FORBIDDEN_ROLE',
      /administrator/,
    );
  }
});

test('tenants assign published policies to what is theirs, and see only that (I7)', async () => {
  policies.lab.addInstance('web-01');
  policies.lab.addInstance('db-01', { projectId: projectOf('other') });
  await policies.asAdmin('POST', '/v1/policies', dailyPolicy);
  const path = '/v1/policies/daily/assignments';
  const assign = (body: object, token = 'member'): Promise<Answer<{ assignment: WirePolicyAssignment }>> =>
    policies.call('POST', path, { token, body });
  const { assignment } = (await assign({ instance: 'web-01' })).body;
  assert.deepEqual(
    [assignment.kind, assignment.project_id, assignment.by_admin],
    ['instance', projectOf('demo'), false],
  );
  assertError(await assign({ instance: 'web-01' }), 409, 'CONFLICT_POLICY_ASSIGNED', /"daily" already/);
  assertError(await assign({ instance: 'db-01' }), 404, 'NOTFOUND_RESOURCE', /not found/);
  assertError(await assign({ project: projectOf('other') }), 404, 'NOTFOUND_RESOURCE', /not found/);
  assertError(await assign({ tag: 'x', project_id: projectOf('other') }), 404, 'NOTFOUND_RESOURCE', /not/);
  assertError(await assign({ pool: 'volumes' }), 403, 'FORBIDDEN_ROLE', /administrator/);
  assertError(await assign({ instance: 'web-01' }, 'reader'), 403, 'FORBIDDEN_ROLE', /member/);
  const tagged = (await assign({ tag: 'x' })).body.assignment;
  assert.equal(tagged.project_id, projectOf('demo'), 'reaches only the own project');
  const everywhere = (await assign({ tag: 'x' }, 'admin')).body.assignment;
  assert.equal(everywhere.project_id, null);

  const listed = async (token: string): Promise<string[]> =>
    (
      await policies.call<{ assignments: WirePolicyAssignment[] }>('GET', path, { token })
    ).body.assignments.map(({ id }) => id);
  assert.deepEqual(await listed('admin'), [everywhere.id, tagged.id, assignment.id]);
  assert.deepEqual(await listed('member'), [tagged.id, assignment.id]);
  assert.deepEqual(await listed('stranger'), []);
  for (const id of [assignment.id, everywhere.id])
    assert.equal((await policies.call('DELETE', `${path}/${id}`, { token: 'stranger' })).status, 404);
  assert.equal((await policies.call('DELETE', `${path}/${assignment.id}`)).status, 200);
  assert.equal((await policies.call('DELETE', `${path}/${assignment.id}`)).status, 404);

  const byAdmin = (await assign({ instance: assignment.selector['instance_id'] }, 'admin')).body.assignment;
  assertError(await policies.call('DELETE', `${path}/${byAdmin.id}`), 403, 'FORBIDDEN_ROLE', /administrator/);
});

test('sources are listed page by page with last and next run; a policy in use is deleted by force', async () => {
  for (const name of ['a', 'b', 'c'])
    policies.lab.addInstance(name, { metadata: { 'emberkeep:policy': 'daily' } });
  await policies.asAdmin('POST', '/v1/policies', {
    ...dailyPolicy,
    window: null,
    schedule: { every: '1h' },
    spread_minutes: 0,
  });
  await policies.lab.tick();
  await policies.lab.tick('2026-11-22T13:00:00Z');
  const first = await policies.call<{ sources: WirePolicySource[]; links: { href: string }[] }>(
    'GET',
    '/v1/policies/daily/sources?limit=2',
  );
  assert.equal(first.body.sources.length, 2);
  const { pathname, search } = new URL(first.body.links[0]?.href ?? '');
  const second = await policies.call<{ sources: WirePolicySource[]; links: unknown[] }>(
    'GET',
    pathname + search,
  );
  const all = [...first.body.sources, ...second.body.sources];
  assert.deepEqual(all.map(({ source_name: name }) => name).sort(), ['a', 'b', 'c']);
  assert.deepEqual(second.body.links, []);
  assert.ok(all.every(({ reached_by: by }) => by === 'choice'));
  const inProject = (of: string): string => `/v1/policies/daily/sources?project_id=${projectOf(of)}`;
  const own = await policies.asAdmin<{ sources: unknown[] }>('GET', inProject('demo'));
  assert.equal(own.body.sources.length, 3);
  assert.deepEqual(
    (await policies.asAdmin<{ sources: unknown[] }>('GET', inProject('other'))).body.sources,
    [],
  );
  // I7: to a tenant another project does not exist, with policies or without.
  for (const list of ['sources', 'assignments'])
    assertError(
      await policies.call('GET', `/v1/policies/daily/${list}?project_id=${projectOf('other')}`),
      404,
      'NOTFOUND_RESOURCE',
      /project/,
    );
  assert.ok(
    all.every(
      (source) =>
        source.last_run_at === '2026-11-22T13:00:00.000Z' &&
        source.next_run_at === '2026-11-22T14:00:00.000Z' &&
        source.last_state === 'running',
    ),
  );
  assertError(await policies.asAdmin('DELETE', '/v1/policies/daily'), 409, 'CONFLICT_POLICY_IN_USE', /--yes/);
  assert.equal((await policies.asAdmin('DELETE', '/v1/policies/daily?force=true')).status, 200);
  assert.equal((await policies.asAdmin('GET', '/v1/policies/daily')).status, 404);
});

test('a simulation says what would be there day by day', async () => {
  await policies.asAdmin('POST', '/v1/policies', dailyPolicy);
  const { body } = await policies.call<{ days: WireSimulatedDay[] }>('POST', '/v1/policies/daily/simulate', {
    body: { days: 10, from: '2026-11-22T00:00:00Z' },
  });
  assert.deepEqual(body.days.map(({ date, points, fulls }) => [date.slice(8), points, fulls]).slice(-3), [
    ['29', 7, 1],
    ['30', 7, 1],
    ['01', 7, 1],
  ]);
  assert.deepEqual(body.days.at(-1)?.deleted, ['2026-11-24T01:00:00.000Z']);
  await policies.asAdmin('PATCH', '/v1/policies/daily', {
    schedule: { every: '1m' },
    window: null,
    retention: { keep: { last: 1 } },
  });
  assertError(
    await policies.call('POST', '/v1/policies/daily/simulate', { body: { days: 365 } }),
    400,
    'INPUT_SIMULATION',
    /fewer days/,
  );
});
