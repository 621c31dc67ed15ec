/** What an operator has before the chart is installed, on the development cloud: users, keys, databases, a bucket. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { bootstrapKeystone } from '../../../src/compose/keystone-bootstrap.ts';
import { connectCatalog } from '../../../src/drivers/catalog/connect.ts';
import { documentedCaps, makeCephxUser } from '../cephx-user.ts';
import { credentialsOf, devcloud, openCloud, type Cleanup } from '../devcloud.ts';
import { ScratchBucket } from '../s3-buckets.ts';
import { openOwnServer } from '../test-database.ts';
import { relayTo, startTlsGateway } from './addresses.ts';
import type { GivenObjects } from './run-pod.ts';

export interface Operator {
  /** Of the service's user in Keystone and in Ceph, and of its own project. */
  userName: string;
  password: string;
  keystonePort: string;
  databasePort: number;
  bucket: string;
  /** Another one, for a second store. */
  offsiteBucket: string;
  /** `https://NAME:PORT`, with a certificate of the CA in the Secrets `rgw-ca` and `offsite-ca`. */
  gateway: string;
  /** Makes an empty database, and everything that a release on it finds in the cluster. */
  prepare(database: string): Promise<GivenObjects>;
}

/** Names that lead to this machine. */
export const operatorHosts = ['keystone-api', 'db.example.org', 'ek-emberkeep-postgresql', 'rgw.example.org'];

/** `name` is that of users and project; `cleanup` removes everything. */
export async function prepareOperator(name: string, directory: string, cleanup: Cleanup): Promise<Operator> {
  const cephx = await makeCephxUser(name, documentedCaps(), directory);
  cleanup.add(() => cephx.remove());
  const password = newKey();
  await makeServiceUser(name, password, cleanup);
  const server = await openOwnServer();
  cleanup.add(() => server.close());
  const socket = `${new URL(server.url).searchParams.get('host') ?? ''}/.s.PGSQL.5432`;
  const databasePort = await relayTo(socket, cleanup);
  const bucket = await ScratchBucket.make();
  cleanup.add(() => bucket.remove());
  const offsite = await ScratchBucket.make();
  cleanup.add(() => offsite.remove());
  const gateway = await startTlsGateway(bucket.settings.endpoint ?? '', {
    name: 'rgw.example.org',
    directory,
    cleanup,
  });
  const { port: keystonePort } = new URL(devcloud().authUrl);
  const [cephConf, keyring] = [
    await readFile(devcloud().cephConf, 'utf8'),
    await readFile(cephx.keyringPath, 'utf8'),
  ];
  const fixed: GivenObjects = {
    'ConfigMap/ceph-etc': { 'ceph.conf': cephConf },
    'ConfigMap/ceph-etc-backup': { 'ceph.conf': cephConf },
    'Secret/emberkeep-rbd-keyring': { key: /key = (\S+)/.exec(keyring)?.[1] ?? '' },
    'Secret/emberkeep-backup-keyring': { keyring },
    'Secret/emberkeep-keystone-user': {
      OS_AUTH_URL: `http://keystone-api:${keystonePort}/v3`,
      OS_INTERFACE: 'internal',
      OS_REGION_NAME: 'RegionOne',
      OS_USERNAME: name,
      OS_PASSWORD: password,
      OS_USER_DOMAIN_NAME: 'default',
      OS_PROJECT_NAME: name,
      OS_PROJECT_DOMAIN_NAME: 'default',
    },
    'Secret/emberkeep-bucket': keysOf(bucket),
    'Secret/emberkeep-offsite': keysOf(offsite),
    'Secret/rgw-ca': { 'ca.crt': gateway.certificate },
    'Secret/offsite-ca': { 'ca.crt': gateway.certificate },
    'Secret/openstack-ca': { 'ca.crt': gateway.certificate },
    'Secret/emberkeep-master-key': { 'master.key': newKey(), '2026.key': newKey(), '2025.key': newKey() },
  };
  return {
    userName: name,
    password,
    keystonePort,
    databasePort,
    bucket: bucket.name,
    offsiteBucket: offsite.name,
    gateway: `https://rgw.example.org:${gateway.port}`,
    prepare: async (database) => {
      const sql = connectCatalog({ url: server.url, poolSize: 1 });
      try {
        await sql.raw('create database ??', [database]);
      } finally {
        await sql.destroy();
      }
      const url = `postgresql://emberkeep:SECRET@db.example.org:${databasePort}/${database}`;
      return {
        ...fixed,
        'Secret/emberkeep-db-user': { DB_CONNECTION: url },
        'Secret/emberkeep-db-app': { uri: url },
      };
    },
  };
}

function keysOf({ settings }: ScratchBucket): Record<string, string> {
  const { accessKeyId = '', secretAccessKey = '' } = settings;
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

function newKey(): string {
  return randomBytes(32).toString('hex');
}

/** As the job keystone-bootstrap makes it; service and endpoints would be found by everything else on this cloud. */
async function makeServiceUser(name: string, password: string, cleanup: Cleanup): Promise<void> {
  await bootstrapKeystone(credentialsOf('devcloud-admin'), {
    domain: 'default',
    userName: name,
    password,
    projectName: name,
    roleName: 'admin',
    protectedDomains: ['default'],
    endpoints: [],
    region: undefined,
  });
  cleanup.add(async () => {
    const admin = openCloud('devcloud-admin');
    const { identity } = admin;
    for (const { id } of await identity.findUsers(name, 'default')) await identity.deleteUser(id);
    for (const { id } of await identity.findProjects(name)) await identity.deleteProject(id);
    admin.close();
  });
}
