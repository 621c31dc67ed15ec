import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { say, type CliContext } from '../context.ts';
import { exitPartial } from '../exit-codes.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { rebuildFields } from '../rebuild-view.ts';
import type { Session } from '../session.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireJob } from '../wire.ts';
import { refuseToLeave } from './backup.ts';
import { addCatalogMigrateCommand } from './catalog-migrate.ts';
import { addExamples } from './examples.ts';
import { parseStore } from './offline-store.ts';
import { runInSession, type Runner } from './run.ts';

interface RebuildOptions extends FormatOptions {
  store?: string;
  dryRun?: true;
  wait?: boolean;
}

export function addCatalogCommands(program: Command, run: Runner): void {
  const catalog = program.command('catalog').description('the database behind the points');
  addCatalogMigrateCommand(catalog, run);
  addOutputOptions(
    addExamples(
      catalog
        .command('rebuild')
        .description('bring points and links back from a store (administrators)')
        .option(
          '--store <STORE>',
          'its name, its directory or s3://BUCKET/PREFIX (else the only one)',
          parseStore,
        )
        .option('--dry-run', 'only say what would be done')
        .option('--wait', 'wait for the end and show progress (default)')
        .option('--no-wait', 'only start it; see `emberkeep job list`'),
      [
        'emberkeep catalog rebuild --dry-run',
        'emberkeep catalog rebuild --store offsite',
        'emberkeep catalog rebuild --store /mnt/copy',
      ],
    ),
  ).action(async (options: RebuildOptions) => {
    chooseColumns(rebuildFields, options.column ?? []);
    await runInSession(run, (context, session) => rebuild(context, session, options), {
      // A name changes nothing about the service: it has all of its stores.
      store: options.store === undefined || isName(options.store) ? undefined : options.store,
      storeExists: true,
    });
  });
}

async function rebuild(context: CliContext, session: Session, options: RebuildOptions): Promise<void> {
  if (options.wait === false) refuseToLeave(session);
  const { job } = await session.client.post<{ job: WireJob }>('/v1/catalog/rebuilds', {
    dry_run: options.dryRun === true,
    ...(options.store === undefined ? {} : { store: placeOf(options.store) }),
  });
  if (options.wait === false) {
    await printRecord(context, job, rebuildFields, options);
    return;
  }
  const [ended = job] = await waitForJobs(context, session, [job]);
  settle(context, [ended]);
  await printRecord(context, ended, rebuildFields, options);
  const problems = Number(ended.result?.['problems'] ?? 0);
  if (problems === 0) return;
  say(context, `emberkeep: ${problems} things in the store are broken or unused; the lines above name them`);
  context.exitCode = exitPartial;
}

function isName(store: string): boolean {
  return !store.includes('/') && !existsSync(store);
}

/** The service has another working directory. */
function placeOf(store: string): string {
  return isName(store) || store.startsWith('s3://') ? store : resolve(store);
}
