/** What docs/install/image.md has an operator put on a host, on the development cloud: configuration, keys, a place for everything. */
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documentedExample } from './documented-example.ts';
import { freePort } from '../chart/addresses.ts';
import { prepareOperator } from '../chart/operator.ts';
import { credentialsOf, type Cleanup } from '../devcloud.ts';

/** Of the image. */
const user = 42424;
/** A job that has begun is to end even on a busy machine. */
const patience = 'shutdown: { jobs_seconds: 45 }\n';

export interface Installed {
  /** Directory of this machine to path in the container. */
  mounts: Readonly<Record<string, string>>;
  /** Ports of the API and of both kinds' metrics; each role has the configuration file `ROLE.yaml`. */
  ports: { api: number; apiMetrics: number; workerMetrics: number };
}

/** `name` is that of users and project; `cleanup` removes what is in the cloud, the caller `directory`. */
export async function install(name: string, directory: string, cleanup: Cleanup): Promise<Installed> {
  const operator = await prepareOperator(name, directory, cleanup);
  const given = await operator.prepare('image');
  const place = async (folder: string): Promise<string> => {
    const path = join(directory, folder);
    await mkdir(path);
    await chown(path, user, user);
    return path;
  };
  const write = async (path: string, text: string): Promise<void> => {
    await writeFile(path, text, { mode: 0o400 });
    await chown(path, user, user);
  };
  const [etc, ceph, store] = [await place('etc'), await place('ceph'), await place('store')];
  const [state, tmp] = [await place('state'), await place('tmp')];
  await chmod(tmp, 0o1777);

  const ports = {
    api: await freePort(),
    apiMetrics: await freePort(),
    workerMetrics: await freePort(),
  };
  const example = await documentedExample({
    '127.0.0.1:9879': `127.0.0.1:${ports.api}`,
    '127.0.0.1:5432/emberkeep': `127.0.0.1:${operator.databasePort}/image`,
    'user: emberkeep, keyring': `user: ${name}, keyring`,
    'client.emberkeep.keyring': `client.${name}.keyring`,
  });
  for (const [role, port] of [
    ['api', ports.apiMetrics],
    ['worker', ports.workerMetrics],
  ] as const)
    await write(join(etc, `${role}.yaml`), example.replace('127.0.0.1:9880', `127.0.0.1:${port}`) + patience);
  await write(join(etc, 'database.password'), 'SECRET\n');
  await write(join(etc, 'master.key'), given['Secret/emberkeep-master-key']?.['master.key'] ?? '');
  await write(join(etc, 'clouds.yaml'), cloudsFile(name, operator.password));
  await write(join(ceph, 'ceph.conf'), given['ConfigMap/ceph-etc']?.['ceph.conf'] ?? '');
  await write(
    join(ceph, `ceph.client.${name}.keyring`),
    await readFile(join(directory, `ceph.client.${name}.keyring`), 'utf8'),
  );
  return {
    mounts: {
      [etc]: '/etc/emberkeep:ro',
      [ceph]: '/etc/ceph:ro',
      [store]: '/srv/emberkeep',
      [state]: '/var/lib/emberkeep',
      [tmp]: '/tmp',
    },
    ports,
  };
}

/** The service's user, and the administrator who asks for backups. */
function cloudsFile(name: string, password: string): string {
  const { authUrl } = credentialsOf('devcloud-admin');
  const entry = (username: string, secret: string): Record<string, unknown> => ({
    region_name: 'RegionOne',
    auth: {
      auth_url: authUrl,
      username,
      password: secret,
      project_name: username,
      user_domain_id: 'default',
      project_domain_id: 'default',
    },
  });
  return JSON.stringify({ clouds: { emberkeep: entry(name, password), admin: entry('admin', 'devcloud') } });
}
