/** What is asked of a service with so many rows: each is the program's own code over the real statements. */
import { systemClock } from '../../../src/base/clock.ts';
import { createOperations } from '../../../src/compose/operations.ts';
import { tickDeps } from '../../../src/compose/policies.ts';
import { madeUpStores } from '../../support/made-up-stores.ts';
import type { InstanceDescription } from '../../../src/domain/instance.ts';
import type { Queue } from '../../../src/drivers/queue/queue.ts';
import { runTick } from '../../../src/workflows/policies/tick.ts';
import { stateOfService } from '../../../src/workflows/watch/state-of-service.ts';
import type { CatalogDatabase } from '../../support/catalog-database.ts';
import { administrator as caller } from './callers.ts';
import { projects, type Size } from './fill.ts';
import { historyCases } from './history-cases.ts';
import { listCases } from './list-cases.ts';
import type { ScaleCase } from './scale-case.ts';

const cycle = { maxIncrements: 30, maxDays: 7 };
const stores = madeUpStores('/none');
export function scaleCases(
  { catalog, sql }: CatalogDatabase,
  queue: Queue,
  size: Size,
  made: { policy: string; reconciliation: string },
): ScaleCase[] {
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
      prepare: async () => {
        await sql.raw(`delete from emberkeep.jobs where state = 'queued'; delete from emberkeep_queue.job`);
        await sql.raw(`update emberkeep.policy_sources set job_id = null where job_id is not null`);
        await sql.raw(
          `update emberkeep.policy_sources set next_run_at = date_trunc('second', now()) - interval '1 minute'
           where id in (select id from emberkeep.policy_sources order by id limit 100)`,
        );
        // As autovacuum does in a service that rests between its runs.
        await sql.raw('vacuum emberkeep.policy_sources');
      },
      run: async () => `${(await runTick(idle)).started} started`,
    },
    {
      name: 'tick that finds out what policies mean',
      run: async () => {
        await sql.raw(`update emberkeep.policy_scheduler set resolve_at = '-infinity'`);
        await runTick(deps);
        return `${size.instances} instances`;
      },
    },
    ...listCases({ catalog, operations }, made, sourceId),
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
    ...historyCases({ catalog, sql }, sourceId),
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
