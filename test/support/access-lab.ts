/** The real API and its operations on a real PostgreSQL, over a made-up cloud and a made-up Keystone. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Readiness } from '../../src/base/health.ts';
import { auditPorts } from '../../src/compose/audit-ports.ts';
import { authenticateCaller } from '../../src/compose/authenticate.ts';
import { restoreCatalog } from '../../src/compose/catalog-ports.ts';
import { createOperations } from '../../src/compose/operations.ts';
import { madeUpStores } from './made-up-stores.ts';
import { newId } from '../../src/base/ids.ts';
import type { RestoreMode } from '../../src/domain/restore.ts';
import type { Catalog } from '../../src/drivers/catalog/catalog.ts';
import { migrateQueue } from '../../src/drivers/queue/orders.ts';
import { createQueue, type Queue } from '../../src/drivers/queue/queue.ts';
import { createApp, type Api } from '../../src/entry/api/create-app.ts';
import { serveHttp } from '../../src/entry/api/serve-http.ts';
import type { PreviewDeps } from '../../src/workflows/restore/preview/deps.ts';
import { planRestore } from '../../src/workflows/restore/preview/plan-restore.ts';
import { planWaitingRestore } from '../../src/workflows/restore/preview/plan-waiting.ts';
import { openCatalogDatabase, type CatalogDatabase } from './catalog-database.ts';
import { startCli } from './cli-runner.ts';
import { diskA, newPoint, requester } from './catalog-rows.ts';
import { projectOf } from './fake-cloud.ts';
import { LabCloud } from './lab-cloud.ts';
import { rulesOf, validateToken } from './lab-identity.ts';
import { makeLabPortal, type LabPortal } from './lab-portal.ts';

const knownProjects = ['demo', 'other', 'third', 'admin'].map((name) => ({
  id: projectOf(name),
  name,
  domainId: 'default',
  enabled: true,
}));

const ready = (): Promise<Readiness> => Promise.resolve({ ready: true, checks: [] });

export interface Replica {
  api: Api;
  url: string;
  close(): Promise<void>;
}

export class AccessLab {
  readonly cloud = new LabCloud();
  readonly log: string[] = [];
  readonly database: CatalogDatabase;
  readonly #queue: Queue;
  readonly #replicas: Replica[] = [];
  readonly portal: LabPortal;

  private constructor(database: CatalogDatabase, queue: Queue, portal: LabPortal) {
    this.database = database;
    this.#queue = queue;
    this.portal = portal;
  }

  static async open(): Promise<AccessLab> {
    const database = await openCatalogDatabase();
    // Nobody pulls the plug here, and there are thousands of small transactions.
    await database.sql.raw('alter system set synchronous_commit = off');
    await database.sql.raw('select pg_reload_conf()');
    const settings = { url: database.url, onError: () => undefined };
    await migrateQueue(settings);
    const queue = createQueue(settings);
    await queue.start();
    const lab = new AccessLab(database, queue, await makeLabPortal(database.catalog));
    await lab.replicate();
    return lab;
  }

  /** Plans with mode image, which ask nothing of the cloud but whether the pool is there. */
  #previews(): PreviewDeps {
    const { catalog } = this.database;
    const looking = {
      catalog: {
        points: catalog.points,
        plans: restoreCatalog(catalog, 7),
        timings: (filter: Parameters<PreviewDeps['catalog']['timings']>[0]) =>
          catalog.restores.timings(filter),
      },
      storeOf: () =>
        Promise.resolve({ measureChain: () => Promise.resolve({ storedBytes: 0, dataBytes: 0 }) }),
      rbd: { checkPool: () => Promise.resolve() },
      backupsPool: { cluster: 'ceph', pool: 'backups' },
      undoDays: 7,
    };
    return looking as unknown as PreviewDeps;
  }

  /** One more API on the same database. */
  async replicate(): Promise<Replica> {
    const { catalog } = this.database;
    const operations = createOperations({
      inventory: this.cloud.inventory,
      catalog,
      queue: this.#queue,
      cycle: { maxIncrements: 30, maxDays: 7 },
      stores: madeUpStores(),
      identity: {
        listProjects: () => Promise.resolve(knownProjects),
        findProjects: (nameOrId) =>
          Promise.resolve(knownProjects.filter(({ id, name }) => [id, name].includes(nameOrId))),
      },
    });
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.log.push(chunk.toString());
        done();
      },
    });
    const api = createApp({
      operations: {
        ...operations,
        planRestore: (caller, request) => planRestore(this.#previews(), caller, request),
        planWaitingRestore: (caller, id) =>
          planWaitingRestore({ ...this.#previews(), restores: catalog.restores }, caller, id),
      },
      authenticate: (token, requestId, address) =>
        authenticateCaller({ validateToken }, rulesOf(token), { token, requestId, address }),
      ...auditPorts(catalog),
      portal: this.portal.deps,
      health: { ready, healthy: ready },
      logger: pino({ level: 'info' }, stream),
      version: '1.2.3',
      progressMs: 50,
    });
    const http = await serveHttp(api, { host: '127.0.0.1', port: 0, graceMs: 1000 });
    const replica = { api, url: http.url, close: () => http.close() };
    this.#replicas.push(replica);
    return replica;
  }

  get service(): Replica {
    const [first] = this.#replicas;
    if (first === undefined) throw new Error('the lab is closed');
    return first;
  }

  async close(): Promise<void> {
    for (const replica of this.#replicas.splice(0)) await replica.close();
    await this.portal.close();
    await this.#queue.stop({ graceful: false, timeoutMs: 0 });
    await this.database.close();
  }

  /** A point of an instance. */
  async point(projectId: string): Promise<string> {
    const shape = { projectId, sourceId: newId(), disks: [{ key: diskA }] };
    return (await this.database.catalog.points.commit(newPoint(shape))).id;
  }

  async job(projectId: string, kind: 'backup' | 'restore' = 'backup'): Promise<string> {
    const id = newId();
    await this.database.catalog.jobs.insert({
      id,
      kind,
      projectId,
      target: { kind: 'instance', name: 'web-01' },
      requestedBy: { ...requester, projectId },
      requestId: 'req-0',
    });
    return id;
  }

  /** One that has ended. */
  async endedJob(projectId: string, state: 'failed' | 'succeeded'): Promise<string> {
    const { jobs } = this.database.catalog;
    const id = await this.job(projectId);
    const started = await jobs.start(id);
    const error = { code: 'BUG_TEST', message: 'made up', details: {} };
    const outcome = state === 'failed' ? { state, error } : { state, result: {} };
    await jobs.finish(id, started?.attempt ?? 0, outcome);
    return id;
  }

  /** What the command line prints for an administrator of the cloud. */
  async cliRows(...line: string[]): Promise<Record<string, unknown>[]> {
    const outcome = await startCli([...line, '-f', 'json'], {
      endpoint: this.service.url,
      token: 'cloud-admin',
    }).done;
    assert.equal(outcome.code, 0, outcome.stderr);
    return JSON.parse(outcome.stdout) as Record<string, unknown>[];
  }

  /** A restore that waits. */
  async pending(
    projectId: string,
    askerId: string,
    { mode = 'volume', hours = 72 }: { mode?: RestoreMode; hours?: number } = {},
  ): Promise<string> {
    const id = newId();
    const pointId = await this.point(projectId);
    await this.database.catalog.approvals.ask({
      id,
      pointId,
      mode,
      projectId,
      options: { restoreId: id, pointId, mode, disks: [diskA], sourceName: 'web-01', name: null },
      requestedBy: { ...requester, userId: askerId },
      hours,
    });
    return id;
  }

  /** A reconciliation that has ended. */
  async reconciliation(result: object = { findings: [], drift: [] }): Promise<string> {
    const { jobs } = this.database.catalog;
    const id = newId();
    await jobs.insert({ id, kind: 'reconcile', projectId: undefined, target: {}, requestedBy: requester });
    const started = await jobs.start(id);
    await jobs.finish(id, started?.attempt ?? 0, { state: 'succeeded', result: { ...result } });
    return id;
  }

  /** A restore in place that has succeeded and can be undone. */
  async restored(projectId: string): Promise<string> {
    const { catalog } = this.database;
    const pointId = await this.point(projectId);
    const jobId = await this.job(projectId, 'restore');
    const id = newId();
    const options = { restoreId: id, sourceName: 'web-01', disks: [newId()] };
    await catalog.restores.insert({ id, jobId, pointId, mode: 'in-place', projectId, options });
    const started = await catalog.jobs.start(jobId);
    await catalog.jobs.finish(jobId, started?.attempt ?? 0, { state: 'succeeded', result: {} });
    await catalog.undo.allow(id, 7);
    return id;
  }

  /** A policy that is not published, and its assignment in that project. */
  async policy(projectId: string, published = false): Promise<{ policy: string; assignment: string }> {
    return await makePolicy(this.database.catalog, projectId, published);
  }
}

async function makePolicy(
  { policies }: Catalog,
  projectId: string,
  published: boolean,
): Promise<{ policy: string; assignment: string }> {
  const [policy, assignment] = [newId(), newId()];
  await policies.insert({
    id: policy,
    name: `p-${policy.slice(0, 8)}`,
    description: '',
    published,
    enabled: true,
    spec: { schedule: { kind: 'every', everyMinutes: 360 }, spreadMinutes: 0, consistency: 'crash' },
  });
  await policies.assign({
    id: assignment,
    policyId: policy,
    selector: { kind: 'tag', tag: policy },
    projectId,
    byAdmin: false,
  });
  return { policy, assignment };
}
