import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createOpenStack, type OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { credentialsOf, openCloud, projectNamed } from '../../support/devcloud.ts';
import { startShortKeystone } from '../../support/short-keystone.ts';

const tokenSeconds = 6;
let openstack: OpenStack;

before(() => {
  openstack = openCloud('emberkeep');
});
after(() => openstack.close());

/** One call to each service, as a job makes them between its steps. */
async function touchEverything(cloud: OpenStack): Promise<void> {
  await cloud.nova.listServersPage({ limit: 1, allProjects: true });
  await cloud.cinder.listServices();
  await cloud.identity.listOwnProjects();
  await cloud.glance.getImage('00000000-0000-4000-8000-000000000000').catch((error: unknown) => {
    assert.equal((error as { code?: string }).code, 'NOTFOUND_IMAGE');
  });
}

test('a token that is revoked between two calls is replaced without the job noticing', async () => {
  await touchEverything(openstack);
  const before = await openstack.keystone.token();
  // As an operator or a password change would: behind the client's back. A service may believe the old token for a
  // while (keystonemiddleware caches), so Keystone itself is asked, which never does.
  await revokeBehindItsBack(before.value);
  await openstack.identity.listOwnProjects();
  assert.notEqual((await openstack.keystone.token()).value, before.value);
  await touchEverything(openstack);
});

test('the same in the project of a tenant', async () => {
  const tenant = openstack.inProject(await projectNamed(openstack, 'tenant'));
  await tenant.cinder.listVolumes().next();
  await revokeBehindItsBack((await tenant.keystone.token()).value);
  await tenant.identity.listOwnProjects();
  await tenant.nova.listServersPage({ limit: 1 });
  await tenant.cinder.listVolumes().next();
});

async function revokeBehindItsBack(value: string): Promise<void> {
  const admin = openCloud('devcloud-admin');
  try {
    const headers = { 'X-Subject-Token': value };
    await admin.keystone.identity.request({
      method: 'DELETE',
      path: '/auth/tokens',
      headers,
      expected: [204],
    });
  } finally {
    admin.close();
  }
}

test(`a job outlives many tokens of ${tokenSeconds} seconds`, async () => {
  const keystone = await startShortKeystone(tokenSeconds);
  const cloud = createOpenStack({ credentials: { ...credentialsOf('emberkeep'), authUrl: keystone.url } });
  try {
    const seen = new Set<string>();
    for (let round = 0; seen.size < 3; round += 1) {
      assert.ok(round < 200, `${seen.size} tokens were used`);
      await touchEverything(cloud);
      seen.add((await cloud.keystone.token()).value);
      await pause(500);
    }
    // Asleep over the end of a token, as a worker is during an hours-long export.
    await pause(tokenSeconds * 1000 + 1000);
    await touchEverything(cloud);
  } finally {
    cloud.close();
    await keystone.stop();
  }
});
