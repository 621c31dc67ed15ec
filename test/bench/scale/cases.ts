/** What is asked of a service with so many rows: each is the program's own code over the real statements. */
import { systemClock } from '../../../src/base/clock.ts';
import { createOperations } from '../../../src/compose/operations.ts';
import { tickDeps } from '../../../src/compose/policies.ts';
import { madeUpStores } from '../../support/made-up-stores.ts';
import type { Caller } from '../../../src/domain/access.ts';
import type { InstanceDescription } from '../../../src/domain/instance.ts';
import type { Queue } from '../../../src/drivers/queue/queue.ts';
import { runTick } from '../../../src/workflows/policies/tick.ts';
import { stateOfService } from '../../../src/workflows/watch/state-of-service.ts';
import type { CatalogDatabase } from '../../support/catalog-database.ts';
import { projects, type Size } from './fill.ts';

export interface ScaleCase {
  name: string;
  /** Gives what there is to say of it, such as how many rows came. */
  run: () => Promise<string>;
}

const caller: Caller = {
  userId: 'bench',
  userName: 'bench',
  projectId: 'project-1',
  projectName: 'project-1',
  roles: ['admin'],
  level: 'admin',
  seesAll: true,
  isAdmin: true,
  requestId: 'req-bench',
  address: '127.0.0.1',
};
const tenant: Caller = { ...caller, roles: ['member'], level: 'member', seesAll: false, isAdmin: false };
const cycle = { maxIncrements: 30, maxDays: 7 };
const stores = madeUpStores('/none');
const jobs = { limit: 100, marker: undefined, kind: undefined, state: undefined };
const page = {
  limit: 100,
  marker: undefined,
  kind: undefined,
  source: undefined,
  since: undefined,
  before: undefined,
  projectId: undefined,
};

const disks = { limit: 100, marker: undefined, source: undefined, projectId: undefined };

export function scaleCases({ catalog, sql }: CatalogDatabase, queue: Queue, size: Size): ScaleCase[] {
  const sourceId = `00000002-0000-4000-8000-${(1).toString(16).padStart(6, '0')}000000`;
  const inventory = { nova: { listServers: () => madeUp(size) } };
  const deps = tickDeps({
    inventory: inventory as never,
    nova: inventory.nova as never,
    catalog,
    queue,
    cycle,
    stores,
    onError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const operations = createOperations({
    inventory: inventory as never,
    catalog,
    queue,
    cycle,
    stores,
  });
  const idle = {
    ...deps,
    catalog: { ...catalog, policies: { ...catalog.policies, beginResolve: () => Promise.resolve(false) } },
  };
  const expire = { strategy: 'fold' as const, rules: { keepDaily: 3 }, allowNewest: false, dryRun: true };
  return [
    { name: 'tick, nothing due', run: async () => `${(await runTick(idle)).started} started` },
    {
      name: 'tick, 100 backups due',
      run: async () => {
        await sql.raw(
          `update emberkeep.policy_sources set next_run_at = date_trunc('second', now()) - interval '1 minute', job_id = null
           where id in (select id from emberkeep.policy_sources order by id limit 100)`,
        );
        const { started } = await runTick(idle);
        await sql.raw(`delete from emberkeep.jobs where state = 'queued'; delete from emberkeep_queue.job`);
        return `${started} started`;
      },
    },
    {
      name: 'tick that finds out what policies mean',
      run: async () => {
        await sql.raw(`update emberkeep.policy_scheduler set resolve_at = '-infinity'`);
        await runTick(deps);
        return `${size.instances} instances`;
      },
    },
    {
      name: 'list points, an administrator',
      run: async () => rows(await operations.listPoints(caller, page)),
    },
    { name: 'list points, a tenant', run: async () => rows(await operations.listPoints(tenant, page)) },
    {
      name: 'list points of a source by name',
      run: async () => rows(await operations.listPoints(caller, { ...page, source: 'vm-77' })),
    },
    {
      name: 'list points, page after page, the 20th',
      run: async () => {
        let marker: string | undefined;
        for (let count = 0; count < 19; count += 1)
          marker = (await operations.listPoints(caller, { ...page, marker })).nextMarker ?? undefined;
        return rows(await operations.listPoints(caller, { ...page, marker }));
      },
    },
    { name: 'list jobs, a tenant', run: async () => rows(await operations.listJobs(tenant, { ...jobs })) },
    {
      name: 'list jobs that failed',
      run: async () => rows(await operations.listJobs(caller, { ...jobs, state: 'failed' })),
    },
    {
      name: 'newest point of each source, 1000 of them',
      run: async () =>
        `${(await catalog.points.latestBySource({ kind: 'instance', limit: 1000 })).length} rows`,
    },
    {
      name: "newest points of a project's sources",
      run: async () =>
        `${(await catalog.points.latestBySource({ kind: 'instance', projectId: 'project-1', limit: 1000 })).length} rows`,
    },
    {
      name: 'what retention would delete of a source',
      run: async () => {
        const [found] = await operations.requestExpiration(caller, { of: { source: sourceId }, ...expire });
        return `${found?.points.length ?? 0} points`;
      },
    },
    {
      name: 'sources with anything left',
      run: async () => `${(await catalog.expiry.sources()).length} rows`,
    },
    { name: 'pools of links', run: async () => `${(await catalog.reconcile.pools()).length} rows` },
    {
      name: 'overview',
      run: async () => `${(await operations.overview.show(caller)).policies[0]?.sources ?? 0} sources`,
    },
    {
      name: 'list disks, an administrator',
      run: async () => rows(await operations.disks.list(caller, disks)),
    },
    { name: 'list disks, a tenant', run: async () => rows(await operations.disks.list(tenant, disks)) },
    {
      name: 'metrics',
      run: async () => {
        const watch = {
          catalog,
          clock: systemClock,
          storesThere: stores.there,
          storeSpace: () => Promise.resolve([]),
        };
        const { policies } = await stateOfService(watch, { sources: 100, graceMinutes: 60 });
        return `${policies[0]?.sources ?? 0} sources`;
      },
    },
  ];
}

async function* madeUp({ instances }: Size): AsyncGenerator<{ description: InstanceDescription }> {
  for (let i = 1; i <= instances; i += 1) {
    await Promise.resolve();
    const id = `00000002-0000-4000-8000-${i.toString(16).padStart(6, '0')}000000`;
    const metadata = { 'emberkeep:policy': 'bench' };
    const description = { id, name: `vm-${i}`, projectId: `project-${i % projects}`, metadata, tags: [] };
    yield { description: description as unknown as InstanceDescription };
  }
}

function rows({ items }: { items: readonly unknown[] }): string {
  return `${items.length} rows`;
}
