import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { assertError, callApi, type Answer, type CallOptions } from '../../../test/support/api-call.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { FakeOperations } from '../../../test/support/fake-operations.ts';
import { startFakeService, type FakeService } from '../../../test/support/fake-service.ts';
import { PolicyLab } from '../../../test/support/policy-lab.ts';
import type { WirePolicy, WirePolicyAssignment, WirePolicySource } from '../cli/policy-view.ts';

let lab: PolicyLab;
let service: FakeService;
before(async () => {
  lab = await PolicyLab.open();
  const operations = new FakeOperations();
  operations.policies = lab.operations;
  service = await startFakeService({ operations });
});
after(async () => {
  await service.close();
  await lab.close();
});
beforeEach(() => lab.reset());

function call<T>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  return callApi<T>(service, method, path, options);
}

function asAdmin<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
  return call<T>(method, path, { token: 'admin', ...(body === undefined ? {} : { body }) });
}

const daily = {
  name: 'daily',
  schedule: { cron: ' 0  2 * * * ', time_zone: 'Europe/Berlin' },
  cycle: { forever: true },
  retention: { keep: { daily: 7, within_days: 3 } },
  window: { start: '22:00', end: '06:00', time_zone: 'Europe/Berlin', at_end: 'cancel' },
  spread_minutes: 30,
  bandwidth_mib: 100,
  store: null,
  published: true,
};

test('policies are found by a part of their name and their state, in any order; tenants find only theirs (I7)', async () => {
  for (const [name, more] of [
    ['Nightly', {}],
    ['hourly', { enabled: false }],
    ['night-watch', { published: false }],
  ] as const)
    await asAdmin('POST', '/v1/policies', { ...daily, ...more, name });
  await asAdmin('PATCH', '/v1/policies/Nightly', { description: 'changed last' });
  const list = async (query: string, token = 'admin'): Promise<string[]> =>
    (await call<{ policies: WirePolicy[] }>('GET', `/v1/policies?${query}`, { token })).body.policies.map(
      ({ name }) => name,
    );
  assert.deepEqual(await list('sort=name:asc'), ['hourly', 'night-watch', 'Nightly']);
  assert.deepEqual(await list('search=NIGHT&sort=name:desc'), ['Nightly', 'night-watch']);
  assert.deepEqual(await list('search=%25'), []);
  assert.deepEqual(await list('enabled=false'), ['hourly']);
  assert.deepEqual(await list('published=false'), ['night-watch']);
  assert.deepEqual((await list('sort=updated_at:desc'))[0], 'Nightly');
  assert.deepEqual((await list('sort=enabled:asc'))[0], 'hourly');
  assert.deepEqual(await list('search=night', 'member'), ['Nightly']);
  assert.deepEqual(await list('sort=name:asc', 'member'), ['hourly', 'Nightly']);
  const [hidden] = (await asAdmin<{ policies: WirePolicy[] }>('GET', '/v1/policies?search=watch')).body
    .policies;
  const path = `/v1/policies?sort=name:asc&marker=${hidden!.id}`;
  assertError(await call('GET', path, { token: 'member' }), 400, 'INPUT_MARKER_UNKNOWN', /drop the marker/);
  assertError(await asAdmin('GET', '/v1/policies?sort=spec:asc'), 400, 'INPUT_QUERY', /sort/);
});

interface SourcePage {
  sources: WirePolicySource[];
  links: { href: string }[];
}

test('sources and assignments of a policy are filtered and sorted, page by page', async () => {
  for (const name of ['Zeta', 'alpha']) lab.addInstance(name, { metadata: { 'emberkeep:policy': 'daily' } });
  lab.addInstance('midst');
  await asAdmin('POST', '/v1/policies', {
    ...daily,
    window: null,
    schedule: { every: '1h' },
    spread_minutes: 0,
  });
  await asAdmin('POST', '/v1/policies/daily/assignments', { instance: 'midst' });
  await asAdmin('POST', '/v1/policies/daily/assignments', { tag: 'gold' });
  await lab.tick();
  const sources = async (query: string): Promise<string[]> => {
    const names: string[] = [];
    let path: string | undefined = `/v1/policies/daily/sources?limit=1&${query}`;
    while (path !== undefined) {
      const answer: Answer<SourcePage> = await asAdmin<SourcePage>('GET', path);
      names.push(...answer.body.sources.map(({ source_name: name }) => name));
      const [link] = answer.body.links;
      const next: URL | undefined = link && new URL(link.href);
      path = next && `${next.pathname}${next.search}`;
    }
    return names;
  };
  const [up, down] = [
    ['alpha', 'midst', 'Zeta'],
    ['Zeta', 'midst', 'alpha'],
  ];
  assert.deepEqual(await sources('sort=source_name:asc'), up);
  assert.deepEqual(await sources(`sort=source_name:desc&project_id=${projectOf('demo')}`), down);
  assert.deepEqual(await sources('reached_by=instance'), ['midst']);
  assert.deepEqual((await sources('sort=reached_by:asc')).at(-1), 'midst', 'choice comes before instance');
  assert.deepEqual((await sources('sort=next_run_at:asc')).length, 3);
  assert.deepEqual(await sources('last_state=failed'), []);
  await lab.tick('2026-11-22T13:00:00Z');
  assert.deepEqual((await sources('last_state=running&sort=last_run_at:desc')).length, 3);
  const kinds = async (query: string): Promise<string[]> =>
    (
      await asAdmin<{ assignments: WirePolicyAssignment[] }>('GET', `/v1/policies/daily/assignments?${query}`)
    ).body.assignments.map(({ kind }) => kind);
  assert.deepEqual(await kinds('sort=kind:desc'), ['tag', 'instance']);
  assert.deepEqual(await kinds('sort=created_at:asc'), ['instance', 'tag']);
  assert.deepEqual(await kinds('kind=tag'), ['tag']);
});
