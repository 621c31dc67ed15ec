/** Removal of what is long over, of which there is nothing, or as much as one look takes. */
import { systemClock } from '../../../src/base/clock.ts';
import { createHistory } from '../../../src/workflows/history/run.ts';
import type { CatalogDatabase } from '../../support/catalog-database.ts';
import type { ScaleCase } from './scale-case.ts';

export function historyCases(
  { catalog, sql }: Pick<CatalogDatabase, 'catalog' | 'sql'>,
  sourceId: string,
): ScaleCase[] {
  const history = createHistory({
    clock: systemClock,
    catalog,
    hasPoint: () => Promise.resolve(false),
    days: { jobs: 90, points: 90, restores: 365 },
    onRemoved: () => undefined,
    onError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const beginAgain = async (): Promise<void> => {
    await sql.raw('update emberkeep.history_passes set after = null');
  };
  const look = async (): Promise<string> => `${(await history.look()).jobs} jobs`;
  return [
    { name: 'history, nothing is over', prepare: beginAgain, run: look },
    {
      name: 'history, 500 jobs are over',
      prepare: async () => {
        await beginAgain();
        await sql.raw(
          `insert into emberkeep.jobs (id, kind, state, target, requested_by, created_at, started_at, finished_at)
           select gen_random_uuid(), 'backup', 'succeeded', jsonb_build_object('target', jsonb_build_object('id', ?::text)), '{}', at, at, at
           from generate_series(1, 500), (select now() - interval '100 days' as at) long_ago`,
          [sourceId],
        );
        await sql.raw('vacuum emberkeep.jobs');
      },
      run: look,
    },
  ];
}
