import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { parseId, parseName } from '../arguments.ts';
import { offlinePointColumns, offlinePointFields } from '../offline-view.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { writeStream } from '../write-stream.ts';
import { addExamples } from './examples.ts';
import { addOfflineRestoreCommand } from './offline-restore.ts';
import { addStoreOptions, examplePoint, runOffline, type StoreOptions } from './offline-store.ts';
import { addOfflineVerifyCommand } from './offline-verify.ts';
import type { Runner } from './run.ts';

interface CatOptions extends StoreOptions {
  disk?: string;
  whole?: true;
}

export function addOfflineCommands(program: Command, run: Runner): void {
  const offline = program
    .command('offline')
    .description('read a store with nothing around it: no service, no database, no OpenStack');
  addListCommand(offline, run);
  addShowCommand(offline, run);
  addCatCommand(offline, run);
  addOfflineRestoreCommand(offline, run);
  addOfflineVerifyCommand(offline, run);
}

function addListCommand(offline: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      addStoreOptions(
        offline
          .command('list')
          .description('list the recovery points of a store; what is damaged or incomplete says so')
          .argument('[SOURCE]', 'name or id of what was protected', parseName('source')),
      ),
      [
        'emberkeep offline list --store /srv/emberkeep',
        'emberkeep offline list web-01 --store /srv/emberkeep -f json',
      ],
    ),
  ).action((source: string | undefined, options: StoreOptions & FormatOptions) => {
    chooseColumns(offlinePointColumns, options.column ?? []);
    return runOffline(run, options, async (context, store) =>
      printList(context, await store.list(source), offlinePointColumns, options),
    );
  });
}

function addShowCommand(offline: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      addStoreOptions(
        offline
          .command('show')
          .description('show a recovery point: its disks, links and master keys')
          .argument('<POINT>', 'id', parseId('point')),
      ),
      [`emberkeep offline show ${examplePoint} --store /srv/emberkeep`],
    ),
  ).action((id: string, options: StoreOptions & FormatOptions) => {
    chooseColumns(offlinePointFields, options.column ?? []);
    return runOffline(run, options, async (context, store) =>
      printRecord(context, await store.show(id), offlinePointFields, options),
    );
  });
}

function addCatCommand(offline: Command, run: Runner): void {
  addExamples(
    addStoreOptions(
      offline
        .command('cat')
        .description('write the plain rbd diff of a link to standard output, as `rbd import-diff` reads it')
        .argument('<POINT|LINK>', 'id of a point (its last link) or of a link', parseId('point'))
        .option('--disk <DISK>', 'disk of the point: number, device, volume or key')
        .option('--whole', 'the whole chain as one diff from nothing, instead of the last link'),
    ),
    [
      `emberkeep offline cat ${examplePoint} --disk 1 --whole | rbd import-diff - backups/web-01`,
      `emberkeep offline cat ${examplePoint} --disk 1 >increment.rbdiff`,
    ],
  ).action((id: string, options: CatOptions) =>
    runOffline(run, options, async (context, store) => {
      const { deps, interrupted: signal } = context;
      if (deps.isTty.stdout) {
        throw new AppError(
          'INPUT_TERMINAL',
          'a diff is not for a terminal; send it into a file or into `rbd import-diff - POOL/IMAGE`',
        );
      }
      const stream = await store.cat({ id, disk: options.disk, whole: options.whole === true, signal });
      await writeStream(stream, deps.stdout, signal);
    }),
  );
}
