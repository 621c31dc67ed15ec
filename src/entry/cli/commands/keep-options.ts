import type { Command } from 'commander';
import { parseCount } from '../arguments.ts';

/** Which points stay, as `expire` and policies say it. */
export interface KeepOptions {
  keepLast?: number;
  keepHourly?: number;
  keepDaily?: number;
  keepWeekly?: number;
  keepMonthly?: number;
  keepYearly?: number;
  keepWithin?: number;
}

export function addKeepOptions(command: Command): Command {
  command.option('--keep-last <N>', 'the newest N points', parseCount('--keep-last'));
  for (const period of ['hour', 'day', 'week', 'month', 'year']) {
    const option = `--keep-${period === 'day' ? 'daily' : `${period}ly`}`;
    command.option(`${option} <N>`, `the newest point of each of N ${period}s (UTC)`, parseCount(option));
  }
  return command.option('--keep-within <DAYS>', 'every point that is not older', parseCount('--keep-within'));
}

/** As the API takes them. */
export function keepOf(options: KeepOptions): Record<string, number | undefined> {
  return {
    last: options.keepLast,
    hourly: options.keepHourly,
    daily: options.keepDaily,
    weekly: options.keepWeekly,
    monthly: options.keepMonthly,
    yearly: options.keepYearly,
    within_days: options.keepWithin,
  };
}
