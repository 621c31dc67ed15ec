import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { assertError, type Answer } from '../../../test/support/api-call.ts';
import { projectOf } from '../../../test/support/fake-cloud.ts';
import { dailyPolicy, PolicyService } from '../../../test/support/policy-service.ts';
import type { WirePolicy, WirePolicyAssignment, WirePolicySource } from '../cli/policy-view.ts';

let policies: PolicyService;
before(async () => {
  policies = await PolicyService.open();
});
after(() => policies.close());
beforeEach(() => policies.lab.reset());

test('policies are found by a part of their name and their state, in any order; tenants find only theirs (I7)', async () => {
  for (const [name, more] of [
    ['Nightly', {}],
    ['hourly', { enabled: false }],
    ['night-watch', { published: false }],
  ] as const)
    await policies.asAdmin('POST', '/v1/policies', { ...dailyPolicy, ...more, name });
  await policies.asAdmin('PATCH', '/v1/policies/Nightly', { description: 'changed last' });
  const list = async (query: string, token = 'admin'): Promise<string[]> =>
    (
      await policies.call<{ policies: WirePolicy[] }>('GET', `/v1/policies?${query}`, { token })
    ).body.policies.map(({ name }) => name);
  assert.deepEqual(await list('sort=name:asc'), ['hourly', 'night-watch', 'Nightly']);
  assert.deepEqual(await list('search=NIGHT&sort=name:desc'), ['Nightly', 'night-watch']);
  assert.deepEqual(await list('search=%25'), []);
  assert.deepEqual(await list('enabled=false'), ['hourly']);
  assert.deepEqual(await list('published=false'), ['night-watch']);
  assert.deepEqual((await list('sort=updated_at:desc'))[0], 'Nightly');
  assert.deepEqual((await list('sort=enabled:asc'))[0], 'hourly');
  assert.deepEqual(await list('search=night', 'member'), ['Nightly']);
  assert.deepEqual(await list('sort=name:asc', 'member'), ['hourly', 'Nightly']);
  const [hidden] = (await policies.asAdmin<{ policies: WirePolicy[] }>('GET', '/v1/policies?search=watch'))
    .body.policies;
  const path = `/v1/policies?sort=name:asc&marker=${hidden!.id}`;
  assertError(
    await policies.call('GET', path, { token: 'member' }),
    400,
    'INPUT_MARKER_UNKNOWN',
    /drop the marker/,
  );
  assertError(await policies.asAdmin('GET', '/v1/policies?sort=spec:asc'), 400, 'INPUT_QUERY', /sort/);
});

interface SourcePage {
  sources: WirePolicySource[];
  links: { href: string }[];
}

test('sources and assignments of a policy are filtered and sorted, page by page', async () => {
  for (const name of ['Zeta', 'alpha'])
    policies.lab.addInstance(name, { metadata: { 'emberkeep:policy': 'daily' } });
  policies.lab.addInstance('midst');
  await policies.asAdmin('POST', '/v1/policies', {
    ...dailyPolicy,
    window: null,
    schedule: { every: '1h' },
    spread_minutes: 0,
  });
  await policies.asAdmin('POST', '/v1/policies/daily/assignments', { instance: 'midst' });
  await policies.asAdmin('POST', '/v1/policies/daily/assignments', { tag: 'gold' });
  await policies.lab.tick();
  const sources = async (query: string): Promise<string[]> => {
    const names: string[] = [];
    let path: string | undefined = `/v1/policies/daily/sources?limit=1&${query}`;
    while (path !== undefined) {
      const answer: Answer<SourcePage> = await policies.asAdmin<SourcePage>('GET', path);
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
  await policies.lab.tick('2026-11-22T13:00:00Z');
  assert.deepEqual((await sources('last_state=running&sort=last_run_at:desc')).length, 3);
  const kinds = async (query: string): Promise<string[]> =>
    (
      await policies.asAdmin<{ assignments: WirePolicyAssignment[] }>(
        'GET',
        `/v1/policies/daily/assignments?${query}`,
      )
    ).body.assignments.map(({ kind }) => kind);
  assert.deepEqual(await kinds('sort=kind:desc'), ['tag', 'instance']);
  assert.deepEqual(await kinds('sort=created_at:asc'), ['instance', 'tag']);
  assert.deepEqual(await kinds('kind=tag'), ['tag']);
});
