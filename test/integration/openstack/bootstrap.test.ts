/** What `emberkeep keystone bootstrap` makes, on the real Keystone; user, project and service are this test's own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bootstrapKeystone } from '../../../src/compose/keystone-bootstrap.ts';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import type { BootstrapRequest, BootstrapStep } from '../../../src/workflows/keystone/bootstrap.ts';
import { Cleanup, credentialsOf, openCloud, uniqueName } from '../../support/devcloud.ts';

const cleanup = new Cleanup();
const name = uniqueName('boot');
const credentials = credentialsOf('devcloud-admin');
const request: BootstrapRequest = {
  domain: 'default',
  userName: name,
  password: 'first password',
  projectName: name,
  roleName: 'admin',
  protectedDomains: ['Default'],
  endpoints: [
    { interface: 'public', url: 'https://backup.example.org' },
    { interface: 'internal', url: 'http://backup.internal:9879' },
  ],
  region: 'RegionOne',
  serviceType: name,
};
let admin: OpenStack;

before(() => {
  admin = openCloud('devcloud-admin');
  cleanup.add(async () => {
    for (const { id } of await admin.identity.findServices(name)) await admin.identity.deleteService(id);
    for (const { id } of await admin.identity.findUsers(name, 'default')) await admin.identity.deleteUser(id);
    for (const { id } of await admin.identity.findProjects(name)) await admin.identity.deleteProject(id);
  });
});
after(async () => {
  await cleanup.run();
  admin.close();
});

function outcomes(steps: BootstrapStep[]): string[] {
  return steps.map(({ what, outcome }) => `${what.replaceAll(name, 'NAME')}: ${outcome}`);
}

test('makes what is missing, and the service’s user can then work in every project of the domain', async () => {
  assert.deepEqual(outcomes(await bootstrapKeystone(credentials, request)), [
    'project NAME: created',
    'user NAME: created',
    'role admin of user NAME on project NAME: created',
    'role admin of user NAME in every project of domain Default: created',
    'service NAME: created',
    'public endpoint https://backup.example.org in RegionOne: created',
    'internal endpoint http://backup.internal:9879 in RegionOne: created',
  ]);
  const user = admin.asUser(
    { kind: 'password', userName: name, userDomain: { id: 'default' }, password: 'first password' },
    { kind: 'project', name: 'tenant', domain: { id: 'default' } },
  );
  const { info, catalog } = await user.keystone.token();
  assert.ok(info.roles.includes('admin'));
  assert.ok(catalog.some(({ type }) => type === name));
});

test('a second run changes nothing; a new password and a new address are changed', async () => {
  const again = await bootstrapKeystone(credentials, request);
  assert.deepEqual([...new Set(again.map(({ outcome }) => outcome))], ['kept']);
  const moved = await bootstrapKeystone(credentials, {
    ...request,
    password: 'second password',
    endpoints: [{ interface: 'public', url: 'https://new.example.org' }],
  });
  assert.deepEqual(
    outcomes(moved).filter((line) => !line.endsWith('kept')),
    ['password of user NAME: changed', 'public endpoint https://new.example.org in RegionOne: changed'],
  );
  const kept = await bootstrapKeystone(credentials, { ...request, password: undefined, endpoints: [] });
  assert.deepEqual([...new Set(kept.map(({ outcome }) => outcome))], ['kept']);
});

test('what it cannot do is said before anything is made', async () => {
  const other = { ...request, userName: `${name}-2`, projectName: `${name}-2` };
  await assert.rejects(bootstrapKeystone(credentials, { ...other, roleName: 'no-such-role' }), {
    code: 'NOTFOUND_ROLE',
  });
  await assert.rejects(bootstrapKeystone(credentials, { ...other, protectedDomains: ['no-such-domain'] }), {
    code: 'NOTFOUND_DOMAIN',
  });
  await assert.rejects(bootstrapKeystone(credentials, { ...other, region: 'nowhere' }), {
    code: 'NOTFOUND_REGION',
  });
  assert.deepEqual(await admin.identity.findProjects(`${name}-2`), []);
  await assert.rejects(
    bootstrapKeystone(credentials, { ...request, userName: `${name}-2`, password: undefined }),
    {
      code: 'INPUT_PASSWORD',
      message: /--password-file/,
    },
  );
  await assert.rejects(bootstrapKeystone(credentialsOf('devcloud-tenant'), request), { code: /^FORBIDDEN_/ });
});
