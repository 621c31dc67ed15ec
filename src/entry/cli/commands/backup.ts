import { Option, type Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { consistencies } from '../../../domain/manifest.ts';
import { exactlyOne, parseCount, parseImagePath, parseName, type ImagePath } from '../arguments.ts';
import { jobResultColumns } from '../backup-view.ts';
import type { CliContext } from '../context.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireJob } from '../wire.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface BackupOptions extends FormatOptions {
  volume?: string;
  image?: ImagePath;
  pool?: string;
  cluster?: string;
  full?: true;
  cycleIncrements?: number;
  cycleDays?: number;
  consistency?: string;
  bandwidth?: number;
  store?: string;
  /** Commander sets no default where both --wait and --no-wait are known. */
  wait?: boolean;
}

export function addBackupCommand(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('backup')
        .description(
          'back up an instance with all its disks, a volume, an RBD image or every image of a pool',
        )
        .argument('[INSTANCE]', 'name or id', parseName('instance'))
        .optionsGroup('Instead of an instance:')
        .option('--volume <VOLUME>', 'a volume, by name or id', parseName('volume'))
        .option('--image <POOL/IMAGE>', 'an RBD image (administrators)', parseImagePath)
        .option('--pool <POOL>', 'every image of an RBD pool (administrators)', parseName('pool'))
        .option('--cluster <NAME>', 'Ceph cluster of --image or --pool, as configured', parseName('cluster'))
        .optionsGroup('How:')
        .option('--full', 'start a new cycle: export everything, not only what changed')
        .option(
          '--cycle-increments <N>',
          'increments after a full before the next full',
          parseCount('--cycle-increments'),
        )
        .option(
          '--cycle-days <N>',
          'age of a full, in days, before the next full',
          parseCount('--cycle-days'),
        )
        .addOption(
          new Option(
            '--consistency <KIND>',
            'crash: as after a power cut (default); paused: the instance stands still for its snapshots',
          ).choices(consistencies),
        )
        .option(
          '--bandwidth <MIB>',
          'MiB a second that the exports may read, all disks together',
          parseCount('--bandwidth'),
        )
        .option('--store <NAME>', 'the store that it goes to (else the default one)', parseName('store'))
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      [
        'emberkeep backup web-01',
        'emberkeep backup web-01 --consistency paused',
        'emberkeep backup web-01 --store offsite',
        'emberkeep backup --volume data-01 --full',
        'emberkeep backup --pool volumes --no-wait -f json',
        'emberkeep backup --image volumes/volume-6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f',
      ],
    ),
  ).action(async (instance: string | undefined, options: BackupOptions) => {
    const target = targetOf(instance, options);
    chooseColumns(jobResultColumns, options.column ?? []);
    await runInSession(run, (context, session) => backUp(context, session, target, options));
  });
}

function targetOf(instance: string | undefined, { volume, image, pool, cluster }: BackupOptions): object {
  exactlyOne({ INSTANCE: instance, '--volume': volume, '--image': image, '--pool': pool }, 'what to back up');
  if (cluster !== undefined && image === undefined && pool === undefined) {
    throw new AppError('INPUT_CLUSTER', '--cluster goes with --image or --pool only');
  }
  return { instance, volume, image: image && `${image.pool}/${image.image}`, pool, cluster };
}

async function backUp(
  context: CliContext,
  session: Session,
  target: object,
  options: BackupOptions,
): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  const { cycleIncrements: increments, cycleDays: days } = options;
  const { jobs } = await session.client.post<{ jobs: WireJob[] }>('/v1/backups', {
    target,
    full: options.full ?? false,
    ...(options.bandwidth === undefined ? {} : { bandwidth_mib: options.bandwidth }),
    ...(options.store === undefined ? {} : { store: options.store }),
    ...(options.consistency === undefined ? {} : { consistency: options.consistency }),
    ...(increments === undefined && days === undefined ? {} : { cycle: { increments, days } }),
  });
  const shown = options.wait !== false ? await waitForJobs(context, session, jobs) : jobs;
  const [only] = shown;
  const finished = shown.filter(({ state }) => state !== 'failed' && state !== 'cancelled');
  if ('pool' in target && target.pool !== undefined)
    await printList(context, shown, jobResultColumns, options);
  else if (only !== undefined && finished.length > 0)
    await printRecord(context, only, jobResultColumns, options);
  if (options.wait !== false) settle(context, shown);
}

/** A job that is only queued needs somebody who runs it. */
export function refuseToLeave({ isOwnService }: Session): void {
  if (!isOwnService) return;
  throw new AppError(
    'INPUT_NO_WAIT',
    'no service is running, so nobody would do this after the command ends; leave out --no-wait, or start `emberkeep serve` first',
  );
}
