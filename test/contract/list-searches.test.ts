/** Orders and filters of the lists of points, jobs, volumes and coverage, through API and command line. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

test('volumes are found by a part of their names, and coverage has the same filters and orders', async () => {
  type Named = { name: string }[];
  const volumes = async (query: string): Promise<string[]> =>
    (await get<{ volumes: Named }>(`/v1/volumes?all_projects=true&${query}`)).body.volumes.map(
      ({ name }) => name,
    );
  const all = await volumes('');
  const part = all[0]!.slice(1).toUpperCase();
  assert.ok(all.length > 1);
  assert.deepEqual(
    await volumes(`search=${part}`),
    all.filter((name) => name.toUpperCase().includes(part)),
  );
  const coverage = async (query: string): Promise<string[]> =>
    (await get<{ coverage: Named }>(`/v1/coverage?all_projects=true&${query}`)).body.coverage.map(
      ({ name }) => name,
    );
  const found = (await coverage('search=web&state=unprotected&sort=protection:asc')).sort();
  assert.deepEqual(found, ['web-01', 'web-02']);
  assert.deepEqual(await coverage('search=web&state=stale'), []);
  assert.deepEqual((await coverage(`kind=volume&search=${part}`)).length > 0, true);
});

test('jobs are listed by how long they took, those that run last', async () => {
  const { sql } = lab.database;
  const took = async (seconds: number): Promise<string> => {
    const id = await lab.endedJob(foreign, 'succeeded');
    await sql('emberkeep.jobs')
      .where('id', id)
      .update({ started_at: sql.raw(`finished_at - ? * interval '1 second'`, [seconds]) });
    return id;
  };
  const [long, short] = [await took(9000), await took(12)];
  const runs = await lab.job(foreign);
  const of = `/v1/jobs?project_id=${foreign}&kind=backup&sort=duration:asc`;
  const ids = (await get<{ jobs: { id: string }[] }>(of)).body.jobs.map(({ id }) => id);
  const mine = [short, long, runs];
  assert.deepEqual(
    ids.filter((id) => mine.includes(id)),
    mine,
  );
  const after = (await get<{ jobs: { id: string }[] }>(`${of}&marker=${short}`)).body.jobs;
  assert.equal(
    after.some(({ id }) => id === short),
    false,
  );
  assert.ok(after.some(({ id }) => id === runs));
});

test('points are found by how their names begin, by state and by size; I7: of no other project', async () => {
  const { catalog, sql } = lab.database;
  const pointOf = async (name: string, projectId: string, stored: number): Promise<string> => {
    const id = await lab.point(projectId);
    await sql('emberkeep.points').where('id', id).update({ source_name: name, stored_bytes: stored });
    return id;
  };
  const big = await pointOf('Shop_10%', own, 3000);
  const small = await pointOf('shop-2', own, 1000);
  const other = await pointOf('shop-3', foreign, 2000);
  const list = async (query: string, options = admin): Promise<string[]> =>
    (await get<{ points: { id: string }[] }>(`/v1/points?${query}`, options)).body.points.map(({ id }) => id);
  assert.deepEqual(await list('source_prefix=sHOP'), [small, other, big], 'by name, whatever the case');
  assert.deepEqual(await list(`source_prefix=shop&limit=1&marker=${small}`), [other]);
  assert.deepEqual(await list('source_prefix=shop&sort=source_name:desc'), [big, other, small]);
  assert.deepEqual(await list('source_prefix=shop_10%25'), [big]);
  for (const none of ['hop', '%25', '_', 'shop-22'])
    assert.deepEqual(await list(`source_prefix=${none}`), []);
  assert.deepEqual(await list('source_prefix=shop', { token: 'member' }), [small, big]);
  assertError(await get('/v1/points?source_prefix=s&sort=taken_at:asc'), 400, 'INPUT_SORT', /source_name/);
  const mine = [small, other, big];
  const bySize = async (query: string, options = admin): Promise<string[]> =>
    (await list(query, options)).filter((id) => mine.includes(id));
  assert.deepEqual(await bySize('sort=stored_bytes:desc&limit=1000'), [big, other, small]);
  assert.deepEqual(await bySize('sort=stored_bytes:asc', { token: 'member' }), [small, big]);
  const gone = async (search: string, options = admin): Promise<string[]> => {
    const path = `/v1/instances?deleted=true&search=${search}`;
    const { instances } = (await get<{ instances: { name: string }[] }>(path, options)).body;
    return instances.map(({ name }) => name).sort();
  };
  const everywhere = '&all_projects=true';
  assert.deepEqual(await gone(`HOP${everywhere}`), ['Shop_10%', 'shop-2', 'shop-3']);
  assert.deepEqual(await gone(`%25${everywhere}`), ['Shop_10%'], 'it stands for itself');
  assert.deepEqual(await gone('hop', { token: 'member' }), ['Shop_10%', 'shop-2']);
  await catalog.links.markDamaged((await catalog.links.ofPoints([small]))[0]!.id, 'made up');
  assert.deepEqual(await bySize('state=damaged'), [small]);
  assert.deepEqual(await bySize('state=complete&sort=stored_bytes:asc'), [other, big]);
  const rows = await lab.cliRows('point', 'list', '--prefix', 'SHOP', '--state', 'complete');
  assert.deepEqual(
    rows.map(({ ID }) => ID),
    [other, big],
  );
});
