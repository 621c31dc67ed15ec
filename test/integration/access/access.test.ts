/** Real tokens of every persona against the whole service: I7, approvals and revocation on the real Keystone. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { authenticateCaller } from '../../../src/compose/authenticate.ts';
import { usualRules } from '../../../src/domain/access.ts';
import { createOpenStack, type OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { Cleanup, credentialsOf, openCloud } from '../../support/devcloud.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startTestService, type TestService } from '../../support/service.ts';

let scratch: ScratchCloud;
let service: TestService;
const cleanup = new Cleanup();
const tokens = new Map<string, string>();
let own: string;
let foreign: string;

before(async () => {
  scratch = await ScratchCloud.open('access');
  cleanup.add(() => scratch.close());
  service = await startTestService();
  cleanup.add(() => service.stop());
  own = await scratch.volume({ name: `${scratch.prefix}-own` });
  foreign = await scratch.volume({ name: `${scratch.prefix}-foreign`, project: 'other' });
  for (const cloud of ['devcloud-tenant', 'devcloud-other', 'devcloud-reader', 'devcloud-admin'])
    tokens.set(cloud, (await opened(openCloud(cloud)).keystone.token()).value);
  const system = opened(openCloud('devcloud-admin', { scope: { kind: 'system' } }));
  tokens.set('system', (await system.keystone.token()).value);
});
after(() => cleanup.run());

function opened(openstack: OpenStack): OpenStack {
  cleanup.add(async () => {
    await Promise.resolve();
    openstack.close();
  });
  return openstack;
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
  text: string;
}

async function call(by: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${service.service.url}/v1${path}`, {
    method,
    headers: { 'x-auth-token': tokens.get(by) ?? by, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown>, text };
}

test('I7: a volume of another project answers as one that does not exist, to look at and to change', async () => {
  assert.equal((await call('devcloud-tenant', 'GET', `/volumes/${own}`)).status, 200);
  assert.equal((await call('devcloud-reader', 'GET', `/volumes/${own}`)).status, 200);
  const unknown = '00000000-0000-4000-8000-000000000000';
  const plain = ({ text }: Answer, id: string): string =>
    text.replaceAll(id, 'ID').replaceAll(/req-[0-9a-f-]{36}/g, 'REQUEST');
  for (const by of ['devcloud-tenant', 'devcloud-reader']) {
    for (const [method, path, bodyOf] of [
      ['GET', (id: string) => `/volumes/${id}`, () => undefined],
      ['GET', (id: string) => `/volumes?marker=${id}`, () => undefined],
      ['POST', () => '/backups', (id: string) => ({ target: { volume: id } })],
    ] as const) {
      const [one, other] = [
        await call(by, method, path(foreign), bodyOf(foreign)),
        await call(by, method, path(unknown), bodyOf(unknown)),
      ];
      assert.ok([400, 404].includes(one.status), one.text);
      assert.equal(plain(one, foreign), plain(other, unknown));
    }
  }
  const listed = await call('devcloud-tenant', 'GET', '/volumes?limit=1000');
  assert.ok(listed.text.includes(own) && !listed.text.includes(foreign));
  assert.equal((await call('devcloud-reader', 'POST', '/backups', { target: { volume: own } })).status, 403);
  assert.equal((await call('devcloud-other', 'GET', `/volumes/${own}`)).status, 404);
});

test('a token for the system sees every project, and coverage counts them', async () => {
  const volumes = await call('system', 'GET', '/volumes?all_projects=true&limit=1000');
  assert.ok(volumes.text.includes(own) && volumes.text.includes(foreign));
  const covered = await call('system', 'GET', '/coverage/projects?all_projects=true');
  const projects = covered.body['projects'] as { project_id: string; volumes: { unprotected: number } }[];
  for (const project of ['tenant', 'other'] as const) {
    const counts = projects.find(({ project_id: id }) => id === scratch.projectId(project));
    assert.ok((counts?.volumes.unprotected ?? 0) >= 1);
  }
});

test('a restore waits for an approval in a project that is named as Keystone names it', async () => {
  const asked = { tenant_restores: true, approval_modes: ['volume'] };
  const set = await call('devcloud-admin', 'PATCH', '/projects/tenant', asked);
  assert.equal((set.body['project'] as { id: string }).id, scratch.projectId());
  assert.equal((await call('devcloud-admin', 'PATCH', '/projects/no-such-project', asked)).status, 404);
  const point = (await service.backup({ volume: own })).result.point_id;
  const restoring = { point: { id: point }, mode: 'volume', name: `${scratch.prefix}-restored` };
  const { restore } = (await call('devcloud-tenant', 'POST', '/restores', restoring)).body as unknown as {
    restore: { id: string; state: string };
  };
  assert.equal(restore.state, 'pending');
  assert.equal((await call('devcloud-tenant', 'POST', `/restores/${restore.id}/approve`, {})).status, 403);
  const approved = await call('system', 'POST', `/restores/${restore.id}/approve`, { reason: 'seen' });
  assert.equal(approved.status, 202, approved.text);
  const { job_id: jobId } = approved.body['restore'] as { job_id: string };
  const job = await service.ended(jobId);
  assert.equal(job.state, 'succeeded');
  assert.equal(job.requested_by.user_name, 'tenant');
  assert.equal((await call('devcloud-tenant', 'GET', `/volumes/${own}`)).text.includes(point), true);
  const audit = await call('devcloud-tenant', 'GET', '/audit?limit=1000');
  for (const action of ['restore.ask', 'restore.approve', 'api.approveRestore', 'backup.create'])
    assert.ok(audit.text.includes(`"${action}"`), action);
});

test('a revoked token is refused within a minute', async () => {
  let shiftMs = 0;
  const clock = { now: () => new Date(Date.now() + shiftMs) };
  const keeper = opened(createOpenStack({ credentials: credentialsOf('emberkeep'), clock }));
  const tenant = opened(openCloud('devcloud-tenant'));
  const { value: token } = await tenant.keystone.token();
  const ask = (): Promise<unknown> =>
    authenticateCaller(keeper.keystone, usualRules, { token, requestId: 'req-0', address: '' });
  await ask();
  await tenant.keystone.revoke();
  shiftMs = 60_001;
  await assert.rejects(ask(), { code: 'AUTH_TOKEN_INVALID' });
});
