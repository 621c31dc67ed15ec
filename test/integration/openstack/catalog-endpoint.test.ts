/** The command line with nothing but a sign-in finds the service where `keystone bootstrap` says that it is. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OpenStack } from '../../../src/drivers/openstack/openstack.ts';
import { makeRegion, removeUserLater } from '../../support/catalog-region.ts';
import { Cleanup, openCloud, uniqueName } from '../../support/devcloud.ts';
import { MainProcess, type Ended } from '../../support/main-process.ts';
import { makeStateDir, startTestService, type TestService } from '../../support/service.ts';

const cleanup = new Cleanup();
/** A region of the test's own, so that nobody else's command line finds this service. */
const region = uniqueName('catalog');
let admin: OpenStack;
let service: TestService;
let stateDir: string;

before(async () => {
  admin = openCloud('devcloud-admin');
  cleanup.add(() => {
    admin.close();
    return Promise.resolve();
  });
  stateDir = await makeStateDir();
  cleanup.add(() => rm(stateDir, { recursive: true, force: true }));
  service = await startTestService();
  cleanup.add(() => service.stop());
  await makeRegion(admin, region, cleanup);
  removeUserLater(admin, region, cleanup);
});
after(() => cleanup.run());

async function emberkeep(cloud: string, ...args: string[]): Promise<Ended> {
  return await new MainProcess(args, { EMBERKEEP_STATE_DIR: join(stateDir, 'none'), OS_CLOUD: cloud }).ended;
}

test('bootstrap names the service in the catalog, and any command then finds it there', async () => {
  const password = join(stateDir, 'password');
  await writeFile(password, 'a password', { mode: 0o600 });
  const { code, stdout, stderr } = await emberkeep(
    'devcloud-admin',
    'keystone',
    'bootstrap',
    ...['--user', region, '--project', region, '--password-file', password],
    ...['--public-url', service.service.url, '--region', region, '-f', 'json'],
  );
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(`public endpoint ${service.service.url} in ${region}`), stdout);
  const there = await emberkeep('devcloud-tenant', '--os-region-name', region, 'job', 'list', '-f', 'json');
  assert.equal(there.code, 0, there.stderr);
  assert.deepEqual([JSON.parse(there.stdout), there.stderr], [[], '']);
});

test('what the catalog names is where the command goes, also when nobody answers there', async () => {
  const url = service.service.url;
  await service.service.stop();
  const { code, stderr } = await emberkeep('devcloud-tenant', '--os-region-name', region, 'job', 'list');
  assert.notEqual(code, 0);
  assert.match(stderr, /OPENSTACK_SERVICE_UNREACHABLE/);
  assert.ok(stderr.includes(url), stderr);
});
