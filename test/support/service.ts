/** The whole service against the development cloud, in this process, with a state of its own; for tests and benchmarks. */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { startService, type Drivers, type Service } from '../../src/compose.ts';
import { loadConfig, type AppConfig } from '../../src/config.ts';
import { isFinishedJob } from '../../src/domain/job.ts';
import type { CloudCredentials } from '../../src/drivers/openstack/credentials.ts';
import { createLogger } from '../../src/drivers/telemetry/logger.ts';
import type { WireError, WireJob, WireRestore, WireRestoredDisk } from '../../src/entry/cli/wire.ts';
import { credentialsOf, devcloud, noConfig, openCloud } from './devcloud.ts';
import { makeStateDir } from './state-dir.ts';
import { openTestDatabase, type TestDatabase } from './test-database.ts';

export { makeStateDir };

export interface TestService {
  config: AppConfig;
  service: Service;
  drivers: Drivers;
  /** One call as this cloud's user (`devcloud-admin` unless told); the parsed body. Throws ApiFailure from 400 on. */
  call<T>(method: string, path: string, body?: unknown, cloud?: string): Promise<T>;
  /** Waits for a job's end, at most `timeoutMs` (2 min). */
  ended(jobId: string, timeoutMs?: number): Promise<WireJob>;
  /** Backs up and waits; throws when the job did not succeed. Gives the job. */
  backup(target: Record<string, string>, options?: Record<string, unknown>): Promise<BackupJob>;
  /** Restores and waits; throws when the job did not succeed. Gives the job. */
  restore(request: Record<string, unknown>): Promise<RestoreJob>;
  stop(): Promise<void>;
}

/** A backup job that succeeded. */
export interface BackupJob extends WireJob {
  result: {
    point_id: string;
    taken_at: string;
    disks: {
      disk_key: string;
      link_id: string;
      kind: 'full' | 'increment';
      full_reason: string | null;
      size_bytes: number;
      data_bytes: number;
      stored_bytes: number;
    }[];
  };
}

/** A restore job that succeeded. */
export interface RestoreJob extends WireJob {
  result: { restore_id: string; point_id: string; disks: WireRestoredDisk[] };
}

export class ApiFailure extends Error {
  readonly status: number;
  readonly body: WireError;
  constructor(status: number, body: WireError) {
    super(`HTTP ${status}: ${JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export interface TestServiceOptions {
  /**
   * An earlier service's state, to go on with it, its database with it; undefined makes a new one, removed at stop,
   * and takes a database of the tests' server unless `env` names one.
   */
  stateDir?: string;
  env?: Record<string, string>;
  decorate?: (drivers: Drivers) => Drivers;
  /** Service user's entry in clouds.yaml; `emberkeep` unless told. */
  cloud?: string;
  /** Service user's credentials, instead of `cloud`. */
  credentials?: CloudCredentials;
  /** Of the API; any free one unless told. */
  port?: number;
  /** Everything unless told. */
  role?: 'api' | 'worker' | 'all';
  /** Metrics and health checks on a port of their own. */
  monitored?: boolean;
  /** Silent unless told, or unless EMBERKEEP_TEST_LOG is set. */
  logger?: Logger;
}

export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const stateDir = options.stateDir ?? (await makeStateDir());
  const { cephConf, cloudsYaml } = devcloud();
  const database = await databaseFor(options);
  const config = loadConfig({
    env: {
      EMBERKEEP_CONFIG: noConfig,
      CEPH_CONF: cephConf,
      OS_CLIENT_CONFIG_FILE: cloudsYaml,
      ...(database === undefined ? {} : { EMBERKEEP_DATABASE_URL: database.url }),
      ...options.env,
    },
    stateDir,
  });
  const service = await startService(config, {
    credentials: options.credentials ?? credentialsOf(options.cloud ?? 'emberkeep'),
    logger:
      options.logger ??
      createLogger({ level: process.env['EMBERKEEP_TEST_LOG'] === undefined ? 'silent' : 'debug' }),
    version: '0.0.0-test',
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    ...(options.role === undefined ? {} : { role: options.role }),
    ...(options.monitored === true ? { monitoring: { host: '127.0.0.1', port: 0 } } : {}),
    ...(options.decorate === undefined ? {} : { decorate: options.decorate }),
  });
  const clouds = new Map<string, ReturnType<typeof openCloud>>();

  async function tokenOf(cloud: string): Promise<string> {
    const client = clouds.get(cloud) ?? openCloud(cloud);
    clouds.set(cloud, client);
    return (await client.keystone.token()).value;
  }

  async function call<T>(method: string, path: string, body?: unknown, cloud = 'devcloud-admin'): Promise<T> {
    const response = await fetch(service.url + path, {
      method,
      headers: { 'x-auth-token': await tokenOf(cloud), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (response.status >= 400) throw new ApiFailure(response.status, answer as WireError);
    return answer as T;
  }

  /** What counts comes from the API; until then the catalog is asked, for a tenth of the CPU time. */
  async function ended(jobId: string, timeoutMs = 120_000): Promise<WireJob> {
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 100) {
      if (await mayHaveEnded(service.drivers, jobId)) {
        const { job } = await call<{ job: WireJob }>('GET', `/v1/jobs/${jobId}`);
        if (isFinishedJob(job.state)) return job;
      }
      await sleep(100);
    }
    throw new Error(`job ${jobId} did not end within ${timeoutMs} ms`);
  }

  return {
    config,
    service,
    drivers: service.drivers,
    call,
    ended,
    backup: async (target, more = {}) => {
      const { jobs } = await call<{ jobs: [WireJob] }>('POST', '/v1/backups', { target, ...more });
      return succeeded(await ended(jobs[0].id)) as BackupJob;
    },
    restore: async (request) => {
      const { restore } = await call<{ restore: WireRestore }>('POST', '/v1/restores', request);
      return succeeded(await ended(restore.job_id)) as RestoreJob;
    },
    stop: async () => {
      await service.stop();
      for (const client of clouds.values()) client.close();
      await database?.close();
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function databaseFor({ stateDir, env = {} }: TestServiceOptions): Promise<TestDatabase | undefined> {
  if (stateDir !== undefined || env['EMBERKEEP_DATABASE_URL'] !== undefined) return undefined;
  return await openTestDatabase();
}

/** False while the catalog has it unfinished; when it does not answer or know the job, the API is to say so. */
async function mayHaveEnded({ catalog }: Drivers, jobId: string): Promise<boolean> {
  return await catalog.jobs.get(jobId).then(
    (job) => job === undefined || isFinishedJob(job.state),
    () => true,
  );
}

/** For assertions on failures, use `call` and `ended`. */
export function succeeded(job: WireJob): WireJob {
  if (job.state === 'succeeded') return job;
  throw new Error(`job ${job.id} ${job.state}: ${JSON.stringify(job.error)}`);
}
