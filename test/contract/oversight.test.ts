/** What administrators look at: overview, usage, disks, findings, plans of restores that wait, names; over the API. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../src/base/ids.ts';
import type { ErrorBody } from '../../src/entry/api/error-response.ts';
import { assertError, callApi, type Answer, type CallOptions } from '../support/api-call.ts';
import { AccessLab } from '../support/access-lab.ts';
import { foreignProjectId as foreign, ownProjectId as own } from '../support/lab-cloud.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

const admin = { token: 'cloud-admin' };

function get<T = ErrorBody>(path: string, options: CallOptions = admin): Promise<Answer<T>> {
  return callApi<T>(lab.service, 'GET', path, options);
}

interface Overview {
  jobs: { kind: string; state: string; jobs: number }[];
  failures: { kind: string; last_day: number; last_week: number }[];
  pending_restores: number;
  stores: { store_id: string; links: number; stored_bytes: number }[];
}

describe('the overview', () => {
  test('counts failures of a day and a week, what waits and what is stored', async () => {
    const { sql } = lab.database;
    const before = (await get<{ overview: Overview }>('/v1/overview')).body.overview;
    const failed = [
      await lab.endedJob(own, 'failed'),
      await lab.endedJob(own, 'failed'),
      await lab.endedJob(own, 'failed'),
    ];
    await lab.endedJob(own, 'succeeded');
    await sql('emberkeep.jobs')
      .where('id', failed[0])
      .update({ finished_at: sql.raw(`now() - interval '2 days'`) });
    await sql('emberkeep.jobs')
      .where('id', failed[1])
      .update({ finished_at: sql.raw(`now() - interval '8 days'`) });
    await lab.job(own);
    await lab.pending(own, 'somebody');
    await lab.pending(own, 'somebody', { hours: 0 });
    const { overview } = (await get<{ overview: Overview }>('/v1/overview')).body;
    assert.deepEqual(before.failures, []);
    assert.deepEqual(overview.failures, [{ kind: 'backup', last_day: 1, last_week: 2 }]);
    assert.equal(overview.pending_restores, before.pending_restores + 1, 'the one whose time is not over');
    const queued = overview.jobs.find(({ kind, state }) => kind === 'backup' && state === 'queued');
    assert.equal(queued?.jobs, 1);
    assert.equal(overview.stores[0]?.store_id, 'main');
  });

  test('tells of each policy how many of its sources missed their run', async () => {
    const { sql } = lab.database;
    const { policy } = await lab.policy(own);
    const created = { created_at: sql.raw(`now() - interval '30 days'`) };
    const source = { policy_id: policy, kind: 'instance', project_id: own };
    const sources = [newId(), newId()];
    for (const id of sources)
      await sql('emberkeep.policy_sources').insert({
        id: newId(),
        ...source,
        source_id: id,
        source_name: 'web-01',
        revision: 1,
        target: '{}',
        ...created,
      });
    const { overview } = (
      await get<{ overview: { policies: { id: string; missed: number }[] } }>('/v1/overview')
    ).body;
    assert.equal(overview.policies.find(({ id }) => id === policy)?.missed, 2);
  });
});

describe('instances and volumes', () => {
  interface Listed {
    instances: { name: string; protection: { state: string; code: string } }[];
    links: { href: string }[];
  }

  test('are found by name, status and protection at once, and sorted by what only we know', async () => {
    const list = async (query: string): Promise<string[]> =>
      (await get<Listed>(`/v1/instances?all_projects=true&${query}`)).body.instances.map(({ name }) => name);
    assert.deepEqual((await list('protection=unprotected')).sort(), ['db-01', 'web-01', 'web-02']);
    assert.deepEqual(await list('protection=protected'), []);
    assert.deepEqual(await list('protection=unprotected&status=ACTIVE&name=web-02'), ['web-02']);
    assert.deepEqual(await list('protection=unprotected&status=SHUTOFF&name=web-02'), []);
    assert.deepEqual((await list('search=WEB')).sort(), ['web-01', 'web-02']);
    assert.deepEqual(await list('search=eb-0&name=web-02'), ['web-02']);
    assert.deepEqual(await list('search=%25'), []);
    assertError(await get('/v1/instances?deleted=true&protection=stale'), 400, 'INPUT_SORT', /gone/);
    assertError(await get('/v1/instances?sort=flavor:asc'), 400, 'INPUT_QUERY', /sort/);
    const { instances } = (await get<Listed>('/v1/instances?all_projects=true')).body;
    assert.deepEqual(new Set(instances.map(({ protection }) => protection.code)), new Set(['no-policy']));
  });

  test('pages of a sorted list are each item once, and I7: a marker of others is unknown', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v1/instances?all_projects=true&sort=protection:desc&limit=1';
    while (path !== undefined) {
      const page: Listed = (await get<Listed>(path)).body;
      seen.push(...page.instances.map(({ name }) => name));
      const next: string | undefined = page.links[0]?.href;
      path = next === undefined ? undefined : next.slice(lab.service.url.length);
    }
    assert.deepEqual(seen.toSorted(), ['db-01', 'web-01', 'web-02']);
    const other = (await get<{ instances: { id: string }[] }>('/v1/instances?all_projects=true&name=db-01'))
      .body.instances[0]!.id;
    const asMember = { token: 'member' };
    const path2 = `/v1/instances?sort=last_point_at:asc&marker=${other}`;
    assertError(await get(path2, asMember), 400, 'INPUT_MARKER_UNKNOWN', /marker/);
  });

  test('the command line has the same orders and filters', async () => {
    const line = [
      'instance',
      'list',
      '--all-projects',
      '--protection',
      'unprotected',
      '--sort',
      'policy:asc',
    ];
    assert.equal((await lab.cliRows(...line)).length, 3);
    assert.equal(
      (await lab.cliRows('volume', 'list', '--all-projects', '--sort', 'last_point_at:desc')).length,
      3,
    );
    const jobs = [await lab.job(own), await lab.endedJob(own, 'failed')];
    const rows = await lab.cliRows('job', 'list', '--project', own, '--sort', 'state:asc');
    assert.deepEqual(
      rows.map(({ ID }) => ID).filter((id) => jobs.includes(String(id))),
      [jobs[1], jobs[0]],
    );
  });
});

describe('jobs', () => {
  test('are listed by project, kind, state and time, and the other way round', async () => {
    const ids = [await lab.job(foreign, 'restore'), await lab.job(foreign, 'restore')];
    const { sql } = lab.database;
    await sql('emberkeep.jobs').where('id', ids[0]).update({ created_at: '2026-01-01T00:00:00Z' });
    const list = async (query: string, options = admin): Promise<string[]> =>
      (await get<{ jobs: { id: string }[] }>(`/v1/jobs?${query}`, options)).body.jobs.map(({ id }) => id);
    const ofForeign = `project_id=${foreign}&kind=restore`;
    assert.deepEqual(await list(ofForeign), [ids[1], ids[0]]);
    assert.deepEqual(await list(`${ofForeign}&sort=created_at:asc`), ids);
    assert.deepEqual(await list(`${ofForeign}&sort=created_at:asc&marker=${ids[0]}`), [ids[1]]);
    assert.deepEqual(await list(`${ofForeign}&since=2026-02-01T00:00:00Z`), [ids[1]]);
    assert.deepEqual(await list(`${ofForeign}&before=2026-02-01T00:00:00Z`), [ids[0]]);
    assert.deepEqual(await list(`${ofForeign}&state=failed`), []);
    assertError(
      await get(`/v1/jobs?${ofForeign}`, { token: 'member' }),
      404,
      'NOTFOUND_RESOURCE',
      /was not found/,
    );
    assertError(await get('/v1/jobs?sort=step:asc'), 400, 'INPUT_QUERY', /sort/);
    const rows = await lab.cliRows(
      'job',
      'list',
      '--project',
      foreign,
      '--oldest-first',
      '--kind',
      'restore',
    );
    assert.deepEqual(
      rows.map(({ ID }) => ID),
      ids,
    );
  });

  test('points and restores turn round too', async () => {
    const [older, newer] = [await lab.point(own), await lab.point(own)];
    await lab.database
      .sql('emberkeep.points')
      .where('id', older)
      .update({ taken_at: '2020-01-01T00:00:00Z' });
    const { points } = (await get<{ points: { id: string }[] }>(`/v1/points?sort=taken_at:asc&limit=1`)).body;
    assert.equal(points[0]?.id, older);
    assert.notEqual(newer, older);
    const first = await lab.pending(foreign, 'somebody');
    const second = await lab.pending(foreign, 'somebody');
    const { restores } = (
      await get<{ restores: { id: string }[] }>(`/v1/restores?project_id=${foreign}&sort=created_at:asc`)
    ).body;
    assert.deepEqual(
      restores.map(({ id }) => id),
      [first, second],
    );
  });
});

test('the usage of a store is told by day and for now, and of an unknown one not at all', async () => {
  const { storeUsage } = lab.database.catalog;
  await lab.point(own);
  await storeUsage.sample();
  const { usage } = (
    await get<{ usage: { links: number; days: { day: string }[] } }>('/v1/stores/main/usage')
  ).body;
  assert.ok(usage.links > 0);
  assert.deepEqual(
    usage.days.map(({ day }) => day),
    [new Date().toISOString().slice(0, 10)],
  );
  const none = await get<{ usage: { days: unknown[] } }>('/v1/stores/main/usage?since=2100-01-01T00:00:00Z');
  assert.deepEqual(none.body.usage.days, []);
  assertError(await get('/v1/stores/nothing/usage'), 404, 'NOTFOUND_RESOURCE', /was not found/);
  const rows = await lab.cliRows('store', 'usage', 'main');
  assert.equal(rows.at(-1)?.['Day'], 'now');
});

test('disks are listed to tenants by what their own points brought', async () => {
  await lab.point(own);
  const list = async (token: string, query = ''): Promise<{ sources: { project_id: string }[] }[]> =>
    (await get<{ disks: { sources: { project_id: string }[] }[] }>(`/v1/disks${query}`, { token })).body
      .disks;
  const projects = (disks: Awaited<ReturnType<typeof list>>): string[] => [
    ...new Set(disks.flatMap(({ sources }) => sources.map(({ project_id: id }) => id))),
  ];
  await lab.point(foreign);
  assert.deepEqual(projects(await list('member')), [own]);
  assert.deepEqual(projects(await list('cloud-admin')).sort(), [own, foreign].sort());
  assert.deepEqual(projects(await list('cloud-admin', `?project_id=${foreign}`)), [foreign]);
  const rows = await lab.cliRows('disk', 'list', 'web-01', '--project', own);
  assert.equal(rows.length, 1);
});

test('findings of a reconciliation are filtered and paged', async () => {
  const finding = (what: string, outcome: string) => ({
    kind: 'snapshot',
    what,
    where: 'cluster ceph',
    ageSeconds: 7200,
    sizeBytes: null,
    action: 'remove it',
    reason: 'no job needs it',
    outcome,
    note: null,
  });
  const id = await lab.reconciliation({
    findings: [finding('a', 'done'), finding('b', 'left'), finding('c', 'done')],
    drift: [{ kind: 'link-missing', what: 'd', where: 'store', advice: 'verify' }],
  });
  interface Findings {
    findings: { what: string; outcome: string }[];
    links: { href: string }[];
  }
  const path = `/v1/reconciliations/${id}/findings`;
  const whatOf = ({ body }: Answer<Findings>): string[] => body.findings.map(({ what }) => what);
  assert.deepEqual(whatOf(await get<Findings>(path)), ['a', 'b', 'c', 'd']);
  assert.deepEqual(whatOf(await get<Findings>(`${path}?outcome=done`)), ['a', 'c']);
  assert.deepEqual(whatOf(await get<Findings>(`${path}?outcome=drift`)), ['d']);
  assert.deepEqual(whatOf(await get<Findings>(`${path}?kind=link-missing`)), ['d']);
  assert.deepEqual(whatOf(await get<Findings>(`${path}?sort=what:desc`)), ['d', 'c', 'b', 'a']);
  const sorted = `${path}?sort=outcome:asc&kind=snapshot`;
  assert.deepEqual(whatOf(await get<Findings>(sorted)), ['a', 'c', 'b']);
  assert.deepEqual(whatOf(await get<Findings>(`${sorted}&marker=3`)), ['b']);
  assertError(await get(`${path}?outcome=left&marker=1`), 400, 'INPUT_MARKER_UNKNOWN', /drop the marker/);
  const page = await get<Findings>(`${path}?limit=2`);
  assert.deepEqual(whatOf(page), ['a', 'b']);
  const next = new URL(page.body.links[0]?.href ?? '');
  assert.deepEqual(whatOf(await get<Findings>(next.pathname + next.search)), ['c', 'd']);
  const other = await lab.job(own);
  assertError(await get(`/v1/reconciliations/${other}/findings`), 404, 'NOTFOUND_RESOURCE', /was not found/);
});

test('the plan of a restore that waits is of what was asked for, until it is decided', async () => {
  const id = await lab.pending(own, 'somebody', { mode: 'image' });
  interface Plan {
    restore_plan: { mode: string; possible: boolean; disks: { disk_key: string }[] };
  }
  const { body } = await get<Plan>(`/v1/restores/${id}/plan`);
  assert.equal(body.restore_plan.mode, 'image');
  assert.equal(body.restore_plan.possible, true);
  assert.equal(body.restore_plan.disks.length, 1);
  const { point_id: pointId } = (await get<{ restore: { point_id: string } }>(`/v1/restores/${id}`)).body
    .restore;
  await lab.database.catalog.expiry.deletePoints([pointId], { actor: {} });
  assertError(await get(`/v1/restores/${id}/plan`), 409, 'CONFLICT_POINT_GONE', /deleted since/);
  await callApi(lab.service, 'POST', `/v1/restores/${id}/reject`, { ...admin, body: { reason: 'no' } });
  assertError(await get(`/v1/restores/${id}/plan`), 409, 'CONFLICT_NOT_PENDING', /does not wait/);
});

test('projects have names for who sees everything', async () => {
  const { body } = await get<{ projects: { id: string; name: string }[] }>('/v1/project-names');
  assert.deepEqual(
    body.projects.map(({ name }) => name),
    ['admin', 'demo', 'other', 'third'],
  );
  const names = async (query: string): Promise<string[]> =>
    (await get<typeof body>(`/v1/project-names?${query}`)).body.projects.map(({ name }) => name);
  assert.deepEqual(await names('search=TH'), ['other', 'third']);
  assert.deepEqual(await names(`search=${foreign}`), ['other']);
  assert.deepEqual(await names('sort=name:desc&limit=2'), ['third', 'other']);
  assert.deepEqual(await names(`sort=name:desc&limit=2&marker=${foreign}`), ['demo', 'admin']);
  assertError(
    await get('/v1/project-names', { token: 'member' }),
    403,
    'FORBIDDEN_ROLE',
    /names of projects/,
  );
});
