import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import type { VerificationLevel } from '../../../domain/verification.ts';
import { exactlyOne, parseId, parseName } from '../arguments.ts';
import { say, type CliContext } from '../context.ts';
import { exitCodeOf, exitPartial } from '../exit-codes.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import type { Session } from '../session.ts';
import { verifiedCounts, verifyResultFields } from '../verify-view.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireJob } from '../wire.ts';
import { refuseToLeave } from './backup.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface VerifyOptions extends FormatOptions {
  source?: string;
  all?: true;
  quick?: true;
  full?: true;
  deep?: true;
  wait?: boolean;
}

export function addVerifyCommand(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('verify')
        .description('look whether recovery points can be restored')
        .argument('[POINT]', 'id; see `emberkeep point list`', parseId('point'))
        .optionsGroup('Instead of a point:')
        .option('--source <SOURCE>', 'all points of an instance, volume or image', parseName('source'))
        .option('--all', 'all points that you may restore')
        .optionsGroup('How thoroughly:')
        .option('--quick', 'manifests, indexes, presence and size of everything; reads no data')
        .option('--full', 'also every checksum and record (default)')
        .option('--deep', 'restore into a scratch image, read it back, compare with store and source')
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      [
        'emberkeep verify --source web-01',
        'emberkeep verify 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --deep',
        'emberkeep verify --all --quick -f value -c damaged',
      ],
    ),
  ).action(async (point: string | undefined, options: VerifyOptions) => {
    const { source, all } = options;
    exactlyOne({ POINT: point, '--source': source, '--all': all }, 'what to verify');
    const level = levelOf(options);
    chooseColumns(verifyResultFields, options.column ?? []);
    await runInSession(run, (context, session) =>
      verify(context, session, { target: { point, source, all }, level }, options),
    );
  });
}

function levelOf({ quick, full, deep }: VerifyOptions): VerificationLevel {
  if ([quick, full, deep].filter((given) => given === true).length > 1) {
    throw new AppError('INPUT_CONFLICT', '--quick, --full and --deep exclude each other: say one of them');
  }
  if (deep === true) return 'deep';
  return quick === true ? 'quick' : 'full';
}

async function verify(
  context: CliContext,
  session: Session,
  request: { target: object; level: VerificationLevel },
  options: VerifyOptions,
): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  const { job } = await session.client.post<{ job: WireJob }>('/v1/verifications', request);
  if (options.wait === false) {
    await printRecord(context, job, verifyResultFields, options);
    return;
  }
  const [ended = job] = await waitForJobs(context, session, [job]);
  settle(context, [ended]);
  await printRecord(context, ended, verifyResultFields, options);
  const { points, damaged, unverified } = verifiedCounts(ended);
  if (unverified > 0) {
    say(context, `emberkeep: ${unverified} of ${points} points could not be verified`);
    context.exitCode = exitPartial;
  }
  if (damaged > 0) {
    say(context, `emberkeep: ${damaged} of ${points} points are damaged`);
    context.exitCode = exitCodeOf('INTEGRITY_POINT_DAMAGED');
  }
}
