/** `restore --plan`: what the restore would do, and everything that stands against it. */
import { print, type CliContext } from '../context.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { printRecord, type FormatOptions } from '../output/options.ts';
import { planFields, planText, type WireRestorePlan } from '../plan-view.ts';
import type { Session } from '../session.ts';

/** What the request is, as the API takes it. */
export interface RestoreBody {
  mode: string;
  disks: string[];
  name?: string;
  plain?: boolean;
  instance?: object;
}

export async function showPlan(
  context: CliContext,
  { client }: Session,
  body: RestoreBody,
  options: FormatOptions,
): Promise<void> {
  const { restore_plan: plan } = await client.post<{ restore_plan: WireRestorePlan }>(
    '/v1/restore-plans',
    body,
  );
  const isText = options.format === 'table' && (options.column ?? []).length === 0;
  if (isText) print(context, planText(plan, commandFor(plan, body)));
  else await printRecord(context, plan, planFields, options);
  if (!plan.possible) context.exitCode = exitCodeOf('CONFLICT_RESTORE_PLAN');
}

/** Names the point by its id, so that no newer one comes in between. */
function commandFor(plan: WireRestorePlan, { disks, name, plain, instance = {} }: RestoreBody): string {
  const choices = Object.entries(instance).flatMap(([key, value]) => choiceWords(key, value));
  const words = [
    ...['emberkeep', 'restore', '--point', plan.point_id, '--mode', plan.mode],
    ...disks.flatMap((disk) => ['--disk', disk]),
    ...(name === undefined ? [] : ['--name', name]),
    ...(plain === true ? ['--plain'] : []),
    ...choices,
  ];
  return words.map(shellWord).join(' ');
}

function choiceWords(key: string, value: unknown): string[] {
  if (Array.isArray(value)) {
    const networks: unknown[] = value.length === 0 ? ['none'] : value;
    return networks.flatMap((network) => ['--network', String(network)]);
  }
  return typeof value === 'string' ? [`--${key.replaceAll('_', '-')}`, value] : [];
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
