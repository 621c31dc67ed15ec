import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readCloudCredentials } from '../../src/drivers/openstack/clouds-config.ts';
import type { CloudCredentials } from '../../src/drivers/openstack/credentials.ts';
import { createOpenStack, type OpenStack } from '../../src/drivers/openstack/openstack.ts';

const stateDirectory = resolve(
  process.env['EMBERKEEP_CLOUD_STATE'] ?? join(import.meta.dirname, '../../.devcloud'),
);
const settingsFile = join(stateDirectory, 'env.json');

/** A file below the development cloud's state directory. */
export function devcloudFile(path: string): string {
  return join(stateDirectory, path);
}

/** EMBERKEEP_CONFIG of every test's service: that of an Emberkeep on this machine would lead the tests to its store. */
export const noConfig = '/dev/null';

interface DevcloudSettings {
  authUrl: string;
  cloudsYaml: string;
  password: string;
  cephConf: string;
  keyring: string;
  zones: { fake: string; libvirt: string };
  cinderHosts: { ceph: string; 'ceph-backups': string };
}

/** What the development cloud says of itself; these tests have no meaning without it. */
export function devcloud(): DevcloudSettings {
  if (!existsSync(settingsFile))
    throw new Error(`${settingsFile} is missing: start the cloud with deploy/devcloud/cloud.sh up`);
  return JSON.parse(readFileSync(settingsFile, 'utf8')) as DevcloudSettings;
}

export function credentialsOf(cloud: string): CloudCredentials {
  const env = { OS_CLIENT_CONFIG_FILE: devcloud().cloudsYaml };
  return readCloudCredentials({ env, cloud, workingDirectory: '/', homeDirectory: homedir() });
}

/** `emberkeep` is the service's user: admin on its own project and, inherited, on every project of the domain. */
export function openCloud(cloud: string, change: Partial<CloudCredentials> = {}): OpenStack {
  return createOpenStack({ credentials: { ...credentialsOf(cloud), ...change } });
}

export async function projectNamed(openstack: OpenStack, name: string): Promise<string> {
  const [project, another] = await openstack.identity.findProjects(name);
  if (project === undefined || another !== undefined) throw new Error(`no single project ${name}`);
  return project.id;
}

/** Names of one run, so that two runs never meet. */
export function uniqueName(what: string): string {
  return `os-${what}-${process.pid}`;
}

export function rbd(...args: string[]): string {
  const { cephConf, keyring } = devcloud();
  return execFileSync('rbd', ['--conf', cephConf, '--keyring', keyring, ...args], { encoding: 'utf8' });
}

/** Things to undo, newest first; all are tried, whatever fails. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0)) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'clean-up failed');
  }
}

export const patience = { timeoutMs: 120_000 };
