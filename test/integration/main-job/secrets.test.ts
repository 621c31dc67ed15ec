/** I10: secrets reach neither logs, rows, events, manifests nor argument lists. Fails when one of them does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudCredentials } from '../../../src/drivers/openstack/credentials.ts';
import { createLogger } from '../../../src/drivers/telemetry/logger.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../support/catalog-database.ts';
import { changeImage } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { credentialsOf, devcloud, openCloud } from '../../support/devcloud.ts';

let scratch: ScratchCloud;
let database: CatalogDatabase;
let service: FaultyService;
/** The service's user with a password that occurs nowhere else. */
const password = `Pw-${randomBytes(12).toString('hex')}`;
let removeUser: () => Promise<unknown>;
const logged: string[] = [];

before(async () => {
  scratch = await ScratchCloud.open('secret');
  database = await openCatalogDatabase();
  const credentials = await makeServiceUser();
  service = await startFaultyService({
    env: { EMBERKEEP_DATABASE_URL: database.url },
    credentials,
    logger: createLogger({ level: 'debug', destination: { write: (line) => logged.push(line) } }),
  });
});
after(async () => {
  await service.stop();
  await database.close();
  await removeUser();
  await scratch.close();
});

async function makeServiceUser(): Promise<CloudCredentials> {
  const administrator = openCloud('devcloud-admin');
  const { identity } = administrator;
  const name = scratch.name('user');
  const { id } = await identity.createUser({ name, domainId: 'default', password });
  removeUser = async () => {
    await identity.deleteUser(id);
    administrator.close();
  };
  const [role] = await identity.findRoles('admin');
  const [home] = await identity.findProjects('service');
  assert.ok(role && home);
  await identity.grantRole(id, role.id, { kind: 'project', id: home.id });
  await identity.grantRole(id, role.id, { kind: 'domain', id: 'default', inherited: true });
  return {
    ...credentialsOf('emberkeep'),
    auth: { kind: 'password', password, userName: name, userDomain: { id: 'default' } },
  };
}

/** Argument lists of all programs of the machine's that speak to Ceph or are our children, until stopped. */
function watchArguments(): () => Promise<string[]> {
  const seen = new Set<string>();
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
        const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (/^(\/\S*\/)?(rbd|ceph)\0/.test(argv)) seen.add(argv.replaceAll('\0', ' '));
      }
      await sleep(20);
    }
  })();
  return async () => {
    stopping.abort();
    await watching;
    return [...seen];
  };
}

/** Every row of every table, the queue's own included. */
async function allRows(): Promise<string> {
  const { rows: tables } = await database.sql.raw<{ rows: { name: string }[] }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.sql.raw<{ rows: unknown[] }>(`select to_jsonb(t) as row from ${name} t`);
    texts.push(`${name}: ${JSON.stringify(rows)}`);
  }
  return texts.join('\n');
}

async function allManifests(): Promise<string> {
  const root = service.config.storeDirectory;
  const names = await readdir(root, { recursive: true });
  const texts = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFile(join(root, name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

test('I10: no token, password or key in logs, rows, manifests and argument lists, also when things fail', async () => {
  const { keystone } = service.real.openstack;
  const stop = watchArguments();
  const id = await scratch.volume();
  await changeImage(`volumes/volume-${id}`, [{ kind: 'write', offset: 0, length: 1024 * 1024, seed: 1 }]);
  // The exporter waits for its reader, long enough to be seen.
  service.hooks.store.writeLink = async (request) => {
    await sleep(1_000);
    return await (await service.real.stores.open()).writeLink(request);
  };
  const { result } = await service.backup({ volume: id });
  service.clear();
  await service.restore({ point: { id: result.point_id }, mode: 'volume', name: scratch.name('restored') });
  // Failures quote what they were answered.
  service.hooks.rbd.createSnapshot = (at) => service.real.rbd.createSnapshot(at, 'no/such@name');
  await service.failedBackup({ volume: id });
  service.clear();
  service.hooks.rbd.commitMigration = (at) => service.real.rbd.commitMigration({ ...at, image: 'no-such' });
  await service.failedRestore({ point: { id: result.point_id }, mode: 'volume' });
  const forged = `gAAAAA${randomBytes(60).toString('base64url')}`;
  const refused = await fetch(`${service.service.url}/v1/points?token=x`, {
    headers: { 'x-auth-token': forged },
  });
  assert.equal(refused.status, 401);
  const argumentLists = await stop();
  const { keyring } = devcloud();
  const key = /key = (\S+)/.exec(await readFile(keyring, 'utf8'))?.[1] ?? '';
  const { value: token } = await keystone.token();
  assert.match(token, /^gAAAAA/, 'what a token looks like');
  assert.ok(key.length > 20);
  assert.ok(logged.length > 5, `${logged.length} lines`);
  assert.ok(argumentLists.some((line) => line.includes('export-diff')));
  const places = {
    logs: logged.join(''),
    rows: await allRows(),
    manifests: await allManifests(),
    'argument lists': argumentLists.join('\n'),
  };
  for (const [place, text] of Object.entries(places)) {
    assert.ok(text.length > 100, place);
    assert.ok(!text.includes(password), `the password is in the ${place}`);
    assert.ok(!text.includes(key), `the key is in the ${place}`);
    assert.ok(!text.includes(forged), `the forged token is in the ${place}`);
    assert.doesNotMatch(text, /gAAAAA[\w-]{40,}/, `a token is in the ${place}`);
  }
});
