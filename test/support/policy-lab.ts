/** Policies with a real database over a made-up cloud, behind the API and for the scheduler with a clock of its own. */
import { AppError } from '../../src/base/errors.ts';
import { createPolicyOperations, tickDeps } from '../../src/compose/policies.ts';
import type { Caller } from '../../src/domain/access.ts';
import type { InstanceDescription } from '../../src/domain/instance.ts';
import type { JobRow } from '../../src/drivers/catalog/types.ts';
import type { Nova } from '../../src/drivers/openstack/nova.ts';
import type { Server } from '../../src/drivers/openstack/nova-server.ts';
import type { Rbd } from '../../src/drivers/ceph/rbd.ts';
import type { Cinder } from '../../src/drivers/openstack/cinder.ts';
import type { Queue } from '../../src/drivers/queue/queue.ts';
import type { PolicyOperations, PolicyRequest } from '../../src/workflows/policies/policy-operations.ts';
import { runTick, type TickReport } from '../../src/workflows/policies/tick.ts';
import { openCatalogDatabase, type CatalogDatabase } from './catalog-database.ts';
import { anInstance, callerWith, projectOf } from './fake-cloud.ts';

export const admin = callerWith({ roles: ['admin'], isAdmin: true });
export const member = callerWith();
export const stranger = callerWith({ projectId: projectOf('other'), projectName: 'other' });

export class PolicyLab {
  readonly database: CatalogDatabase;
  readonly operations: PolicyOperations;
  /** What is in the cloud; a listing shows what is not hidden. */
  readonly instances: InstanceDescription[] = [];
  readonly hidden = new Set<string>();
  /** Images of the pool `volumes`; undefined while it cannot be looked at. */
  images: string[] | undefined = [];
  now = new Date('2026-11-22T12:00:00Z');
  readonly errors: string[] = [];
  /** The next order cannot be placed. */
  queueFault: Error | undefined;
  readonly #deps: Parameters<typeof runTick>[0];

  private constructor(database: CatalogDatabase) {
    this.database = database;
    const clock = { now: () => this.now };
    const nova = this.#nova();
    const inventory = {
      nova: nova as Nova,
      cinder: { listVolumes: () => [] } as unknown as Cinder,
      rbd: this.#rbd(),
      placement: {
        backends: {},
        volumesPool: { cluster: 'ceph', pool: 'volumes' },
        novaPool: { cluster: 'ceph', pool: 'vms' },
      },
    };
    const cycle = { maxIncrements: 30, maxDays: 7 };
    const stores = { names: ['default', 'offsite'], defaultName: 'default' };
    const { catalog } = database;
    this.operations = createPolicyOperations({ inventory, catalog, cycle, stores });
    const enqueue = (): Promise<void> => {
      const fault = this.queueFault;
      this.queueFault = undefined;
      return fault === undefined ? Promise.resolve() : Promise.reject(fault);
    };
    this.#deps = tickDeps({
      inventory,
      nova: inventory.nova,
      catalog,
      queue: { enqueue } as unknown as Queue,
      cycle,
      stores,
      clock,
      ageNow: () => Promise.resolve(this.now),
      retryMinutes: [5, 30],
      onError: (message, error) =>
        this.errors.push(`${message}: ${error instanceof Error ? error.message : String(error)}`),
    });
  }

  static async open(): Promise<PolicyLab> {
    return new PolicyLab(await openCatalogDatabase());
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  /** Empties cloud and catalog. */
  async reset(): Promise<void> {
    this.instances.length = 0;
    this.errors.length = 0;
    this.hidden.clear();
    this.images = [];
    this.now = new Date('2026-11-22T12:00:00Z');
    await this.database.sql.raw(
      'truncate emberkeep.policies, emberkeep.jobs, emberkeep.points, emberkeep.links cascade',
    );
    await this.database.sql('emberkeep.policy_scheduler').update({ resolve_at: new Date(0) });
  }

  addInstance(name: string, more: Partial<InstanceDescription> = {}): InstanceDescription {
    const instance = { ...anInstance(name).instance, metadata: {}, tags: [], ...more };
    this.instances.push(instance);
    return instance;
  }

  /** An administrator's policy: every six hours, one full for ever, the last three points. */
  async policy(
    name: string,
    more: Partial<Omit<PolicyRequest, 'spec'>> & { spec?: Partial<PolicyRequest['spec']> } = {},
  ): Promise<void> {
    const { spec, ...rest } = more;
    await this.operations.create(admin, {
      name,
      description: '',
      published: true,
      enabled: true,
      ...rest,
      spec: {
        schedule: { kind: 'every', everyMinutes: 360 },
        spreadMinutes: 0,
        consistency: 'crash',
        cycle: { kind: 'forever' },
        retention: { kind: 'rules', rules: { keepLast: 3 }, strategy: 'fold' },
        ...spec,
      },
    });
  }

  async tick(now?: string | Date): Promise<TickReport> {
    if (now !== undefined) this.now = new Date(now);
    return await runTick(this.#deps);
  }

  /** Backups and expiries that were asked for, oldest first. */
  async jobs(kind: 'backup' | 'expire' = 'backup'): Promise<JobRow[]> {
    return (await this.database.catalog.jobs.list({ kind, limit: 10_000 })).reverse();
  }

  /** Ends every backup that was asked for. */
  async endBackups(state: 'succeeded' | 'failed' = 'succeeded', code = 'INPUT_X'): Promise<void> {
    const { jobs } = this.database.catalog;
    for (const { id, state: before } of await this.jobs()) {
      if (before !== 'queued') continue;
      const started = await jobs.start(id);
      const outcome =
        state === 'succeeded'
          ? { state, result: {} }
          : { state, error: { code, message: 'rbd failed', details: {} } };
      await jobs.finish(id, started?.attempt ?? 0, outcome);
    }
  }

  async nextRuns(by: Caller = admin, policy = 'daily'): Promise<Record<string, string | undefined>> {
    const { items } = await this.operations.listSources(by, policy, { limit: 1000, marker: undefined });
    return Object.fromEntries(
      items.map(({ sourceName, nextRunAt }) => [sourceName, nextRunAt?.toISOString().slice(0, 16)]),
    );
  }

  /** Through what these policies reach their sources, one policy behind the other. */
  async reaches(...policies: string[]): Promise<string> {
    const page = { limit: 1000, marker: undefined };
    const lists = await Promise.all(
      policies.map((policy) => this.operations.listSources(admin, policy, page)),
    );
    return lists.flatMap(({ items }) => items.map(({ reach }) => String(reach)).sort()).join(' ');
  }

  #nova(): Partial<Nova> {
    const toServer = (description: InstanceDescription): Server => ({ description }) as Server;
    return {
      listServers: () => this.#listing(toServer),
      getServer: (id) => {
        const found = this.instances.find((each) => each.id === id);
        return found === undefined
          ? Promise.reject(new AppError('NOTFOUND_INSTANCE', `instance ${id} was not found`))
          : Promise.resolve(toServer(found));
      },
      findServers: (nameOrId, filter) =>
        Promise.resolve(
          this.instances
            .filter(({ id, name }) => [id, name].includes(nameOrId))
            .filter(({ projectId }) => [undefined, projectId].includes(filter?.projectId))
            .map(toServer),
        ),
    };
  }

  async *#listing(
    toServer: (instance: InstanceDescription) => Server,
  ): AsyncGenerator<Server, void, undefined> {
    await Promise.resolve();
    for (const each of this.instances) if (!this.hidden.has(each.id)) yield toServer(each);
  }

  #rbd(): Rbd {
    const listImages = (): Promise<string[]> =>
      this.images === undefined
        ? Promise.reject(new AppError('CEPH_POOL', 'the pool cannot be looked at'))
        : Promise.resolve(this.images);
    return { listImages, checkPool: () => Promise.resolve() } as unknown as Rbd;
  }
}
