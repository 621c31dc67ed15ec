/** The history of what is over, looked through beside the scheduler's tick. */
import type { Logger } from 'pino';
import { systemClock } from '../base/clock.ts';
import type { AppConfig } from '../config.ts';
import { createHistory, type History } from '../workflows/history/run.ts';
import type { Drivers } from './open-drivers.ts';

export function historyOf(
  { history }: Pick<AppConfig, 'history'>,
  { catalog, stores }: Pick<Drivers, 'catalog' | 'stores'>,
  logger: Logger,
): History {
  return createHistory({
    clock: systemClock,
    catalog,
    hasPoint: async (storeId, pointId) => await (await stores.ofId(storeId)).hasPoint(pointId),
    days: { jobs: history.jobs_days, points: history.points_days, restores: history.restores_days },
    onRemoved: (rows) => logger.info({ rows }, 'history removed'),
    onError: (message, err, facts) => logger.error({ err, ...facts }, message),
  });
}
