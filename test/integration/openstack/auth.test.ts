import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createOpenStack, type OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import {
  Cleanup,
  credentialsOf,
  devcloud,
  openCloud,
  projectNamed,
  uniqueName,
} from '../../support/devcloud.ts';

let keeper: OpenStack;
let tenant: OpenStack;
let tenantProject: string;
let otherProject: string;
const cleanup = new Cleanup();
const opened: OpenStack[] = [];

function open(...args: Parameters<typeof openCloud>): OpenStack {
  const openstack = openCloud(...args);
  opened.push(openstack);
  return openstack;
}

before(async () => {
  keeper = open('emberkeep');
  tenant = open('devcloud-tenant');
  tenantProject = await projectNamed(keeper, 'tenant');
  otherProject = await projectNamed(keeper, 'other');
});
after(async () => {
  await cleanup.run();
  opened.forEach((openstack) => openstack.close());
});

test('password in a project', async () => {
  const info = await tenant.keystone.whoAmI();
  assert.deepEqual([info.userName, info.projectName, info.system], ['tenant', 'tenant', false]);
  assert.ok(info.roles.includes('member'));
  const servers = await tenant.nova.listServersPage({ limit: 1 });
  assert.ok(servers.servers.every(({ description }) => description.projectId === tenantProject));
});

test('application credential', async () => {
  const { userId } = await tenant.keystone.whoAmI();
  const name = uniqueName('appcred');
  const path = `/users/${userId}/application_credentials`;
  const body = { application_credential: { name, roles: [{ name: 'member' }] } };
  const made = await tenant.keystone.identity.request({ method: 'POST', path, body, expected: [201] });
  const { application_credential: credential } = made.body as {
    application_credential: { id: string; secret: string };
  };
  cleanup.add(() =>
    tenant.keystone.identity.request({ method: 'DELETE', path: `${path}/${credential.id}`, expected: [204] }),
  );
  const byId = { kind: 'application-credential', id: credential.id, secret: credential.secret } as const;
  const bound = open('devcloud-tenant', { auth: byId, scope: { kind: 'unscoped' } });
  assert.equal((await bound.keystone.whoAmI()).projectId, tenantProject);
  await bound.cinder.findVolumes('os-no-such-volume');
  await assert.rejects(bound.inProject(otherProject).keystone.token(), {
    code: 'FORBIDDEN_NO_ROLE',
    message: /is bound to project tenant .* and cannot act in project/,
  });
  const byName = { kind: 'application-credential', name, secret: credential.secret, userId } as const;
  assert.equal((await open('devcloud-tenant', { auth: byName }).keystone.whoAmI()).projectId, tenantProject);
  const wrong = open('devcloud-tenant', { auth: { ...byId, secret: 'not-the-secret' } });
  await assert.rejects(wrong.keystone.token(), { code: 'AUTH_FAILED', message: /check its id and secret/ });
});

test('token, into the same project and by a change of project', async () => {
  const { value } = await keeper.keystone.token();
  const scope = { kind: 'project', id: tenantProject } as const;
  const rescoped = open('emberkeep', { auth: { kind: 'token', token: value }, scope });
  assert.equal((await rescoped.keystone.whoAmI()).projectId, tenantProject);
  await rescoped.nova.listServersPage({ limit: 1 });
});

test('system scope: Keystone and Nova answer, block storage says why it cannot', async () => {
  const system = open('devcloud-admin', { scope: { kind: 'system' } });
  const info = await system.keystone.whoAmI();
  assert.deepEqual([info.system, info.projectId], [true, undefined]);
  assert.ok((await system.identity.listProjects()).length > 0);
  await system.nova.listServersPage({ limit: 1, allProjects: true });
  await assert.rejects(system.cinder.listVolumes().next(), { code: 'INPUT_SCOPE' });
  await assert.rejects(system.cinder.listServices(), {
    code: 'OPENSTACK_NO_ENDPOINT',
    message: /use a project scope/,
  });
});

test('domain scope', async () => {
  const admin = open('devcloud-admin');
  const { userId } = await admin.keystone.whoAmI();
  const [role] = await admin.identity.findRoles('admin');
  assert.ok(role);
  const target = { kind: 'domain', id: 'default' } as const;
  const domainScope = { scope: { kind: 'domain', domain: { name: 'Default' } } } as const;
  await assert.rejects(open('devcloud-tenant', domainScope).keystone.token(), { code: 'AUTH_FAILED' });
  await admin.identity.grantRole(userId, role.id, target);
  cleanup.add(() => admin.identity.revokeRole(userId, role.id, target));
  const scoped = open('devcloud-admin', domainScope);
  assert.equal((await scoped.keystone.whoAmI()).domainId, 'default');
  assert.ok((await scoped.identity.listProjects({ domainId: 'default', name: 'tenant' })).length === 1);
});

test('no scope: projects to choose from', async () => {
  const unscoped = open('devcloud-tenant', { scope: { kind: 'unscoped' } });
  assert.equal((await unscoped.keystone.whoAmI()).projectId, undefined);
  assert.deepEqual(
    (await unscoped.identity.listOwnProjects()).map(({ name }) => name),
    ['tenant'],
  );
});

test('a wrong password names the user and the URL, not the password', async () => {
  const auth = { kind: 'password', userName: 'tenant', password: 'definitely-wrong' } as const;
  await assert.rejects(
    open('devcloud-tenant', { auth }).keystone.token(),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'AUTH_FAILED');
      assert.match(
        error.message,
        /Keystone at http:\/\/127\.0\.0\.1:\d+\/v3 refused user tenant for project tenant/,
      );
      assert.doesNotMatch(`${error.stack ?? ''}${String((error.cause as Error).stack)}`, /definitely-wrong/);
      return true;
    },
  );
});

test('an endpoint that is down is named', async () => {
  const overrides = { endpointOverrides: { volumev3: 'http://127.0.0.1:1/v3/%(project_id)s' } };
  const openstack = createOpenStack({
    credentials: { ...credentialsOf('emberkeep'), ...overrides },
    sleep: () => Promise.resolve(),
  });
  opened.push(openstack);
  await assert.rejects(openstack.cinder.listServices(), {
    code: 'OPENSTACK_UNREACHABLE',
    message: /block-storage service at http:\/\/127\.0\.0\.1:1\/v3\/ cannot be reached \(.*ECONNREFUSED/,
  });
});

test('a project without a role says which one to grant; with the inherited role it works', async () => {
  await assert.rejects(tenant.inProject(otherProject).nova.listServersPage({ limit: 1 }), {
    code: 'FORBIDDEN_NO_ROLE',
    message: /User tenant has no role in project .*openstack role add --user tenant --project/,
  });
  const info = await keeper.inProject(otherProject).keystone.whoAmI();
  assert.deepEqual([info.userName, info.projectId], ['emberkeep', otherProject]);
});

test('validates tokens of strangers, refuses unknown, malformed and revoked ones', async () => {
  const stranger = open('devcloud-tenant');
  const { value } = await stranger.keystone.token();
  const info = await keeper.keystone.validateToken(value);
  assert.deepEqual([info.userName, info.projectName, info.projectId], ['tenant', 'tenant', tenantProject]);
  assert.ok(info.expiresAt > new Date());
  for (const bad of ['garbage', `${value.slice(0, -8)}AAAAAAAA`, 'x'.repeat(3000)]) {
    await assert.rejects(keeper.keystone.validateToken(bad), { code: 'AUTH_TOKEN_INVALID' });
  }
  await stranger.keystone.revoke();
  const fresh = createOpenStack({ credentials: credentialsOf('emberkeep'), validationCacheMs: 0 });
  opened.push(fresh);
  await assert.rejects(fresh.keystone.validateToken(value), { code: 'AUTH_TOKEN_INVALID' });
  await assert.rejects(keeper.asCaller(value).keystone.token(), { code: 'AUTH_TOKEN_EXPIRED' });
});

test('a member may not validate the tokens of others', async () => {
  const { value } = await open('devcloud-other').keystone.token();
  await assert.rejects(tenant.keystone.validateToken(value), { code: 'FORBIDDEN_TOKEN_VALIDATION' });
});

test('a caller sees with its own token what it may see, and no more', async () => {
  const { value } = await tenant.keystone.token();
  const caller = keeper.asCaller(value);
  assert.equal((await caller.keystone.whoAmI()).projectId, tenantProject);
  await caller.nova.listServersPage({ limit: 1 });
  await assert.rejects(caller.nova.listServersPage({ limit: 1, allProjects: true }), {
    code: 'FORBIDDEN_OPENSTACK',
  });
});

test('a sign-in with name and password', async () => {
  const auth = { kind: 'password', userName: 'tenant', password: devcloud().password } as const;
  const user = keeper.asUser(auth, { kind: 'project', name: 'tenant', domain: { id: 'default' } });
  const { value, info } = await user.keystone.token();
  assert.equal((await keeper.keystone.validateToken(value)).userId, info.userId);
});
