/** A region of a test's own in Keystone: what is made in it, no other command line finds. */
import type { OpenStack } from '../../src/drivers/openstack/openstack.ts';
import type { Cleanup } from './devcloud.ts';

/** `cleanup` removes the region with the endpoints in it, and the service `instance-backup` when it has no others. */
export async function makeRegion(admin: OpenStack, region: string, cleanup: Cleanup): Promise<void> {
  const { identity } = admin.keystone;
  await identity.request({
    method: 'POST',
    path: '/regions',
    body: { region: { id: region } },
    expected: [201],
  });
  cleanup.add(async () => {
    for (const { id } of await admin.identity.findServices('instance-backup'))
      for (const endpoint of await admin.identity.listEndpoints(id))
        if (endpoint.region === region)
          await identity.request({ method: 'DELETE', path: `/endpoints/${endpoint.id}`, expected: [204] });
    await identity.request({ method: 'DELETE', path: `/regions/${region}`, expected: [204] });
    for (const { id } of await admin.identity.findServices('instance-backup'))
      if ((await admin.identity.listEndpoints(id)).length === 0) await admin.identity.deleteService(id);
  });
}

/** Adds to `cleanup` the end of a user and a project of this name, whether or not they were made. */
export function removeUserLater(admin: OpenStack, name: string, cleanup: Cleanup): void {
  cleanup.add(async () => {
    for (const { id } of await admin.identity.findUsers(name, 'default')) await admin.identity.deleteUser(id);
    for (const { id } of await admin.identity.findProjects(name)) await admin.identity.deleteProject(id);
  });
}
