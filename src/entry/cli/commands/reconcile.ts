import type { Command } from 'commander';
import { say, type CliContext } from '../context.ts';
import { exitPartial } from '../exit-codes.ts';
import { jobFields } from '../job-view.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { countIn, driftLines, findingColumns, findingsOf, problemsOf } from '../reconcile-view.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireJob } from '../wire.ts';
import { refuseToLeave } from './backup.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface ReconcileOptions extends FormatOptions {
  dryRun?: true;
  wait?: boolean;
}

export function addReconcileCommand(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('reconcile')
        .description(
          'remove what jobs left behind, and tell where catalog, store and clusters differ (administrators)',
        )
        .option('--dry-run', 'only say what would be done')
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      ['emberkeep reconcile --dry-run', 'emberkeep reconcile -f json -c What -c Outcome'],
    ),
  ).action(async (options: ReconcileOptions) => {
    if (options.wait === false) chooseColumns(jobFields, options.column ?? []);
    else chooseColumns(findingColumns, options.column ?? []);
    await runInSession(run, (context, session) => reconcile(context, session, options));
  });
}

async function reconcile(context: CliContext, session: Session, options: ReconcileOptions): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  const { job } = await session.client.post<{ job: WireJob }>('/v1/reconciliations', {
    dry_run: options.dryRun === true,
  });
  if (options.wait === false) {
    await printRecord(context, job, jobFields, options);
    return;
  }
  const [ended = job] = await waitForJobs(context, session, [job]);
  settle(context, [ended]);
  await printList(context, findingsOf(ended), findingColumns, options);
  for (const problem of problemsOf(ended)) say(context, `emberkeep: ${problem}`);
  const drift = driftLines(ended);
  for (const line of drift) say(context, `emberkeep: ${line}`);
  const rest = countIn(ended, 'left') + countIn(ended, 'failed');
  if (rest > 0)
    say(context, `emberkeep: ${rest} of ${countIn(ended, 'found')} things could not be dealt with yet`);
  if (rest > 0 || drift.length > 0 || problemsOf(ended).length > 0) context.exitCode = exitPartial;
}
