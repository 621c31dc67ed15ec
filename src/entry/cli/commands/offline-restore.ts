import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { exactlyOne, parseId, parseImagePath, parseName, type ImagePath } from '../arguments.ts';
import { offlineRestoreFields } from '../offline-view.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { progressLine } from '../progress-line.ts';
import { addExamples } from './examples.ts';
import { addStoreOptions, examplePoint, runOffline, type StoreOptions } from './offline-store.ts';
import type { Runner } from './run.ts';

interface RestoreOptions extends StoreOptions, FormatOptions {
  disk?: string;
  to?: ImagePath;
  toFile?: string;
  cluster?: string;
  plain?: true;
}

export function addOfflineRestoreCommand(offline: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      addStoreOptions(
        offline
          .command('restore')
          .description('bring one disk of a recovery point back into a fresh RBD image or a raw file')
          .argument('<POINT>', 'id', parseId('point'))
          .option('--disk <DISK>', 'disk of the point: number, device, volume or key')
          .option('--to <POOL/IMAGE>', 'a new RBD image; one that exists is refused', parseImagePath)
          .option('--to-file <FILE>', 'a new raw file, sparse; needs no Ceph')
          .option('--cluster <NAME>', 'cluster of the configuration for --to', parseName('cluster'))
          .option('--plain', 'with --to: import link by link instead of one flattened stream (slower)'),
      ),
      [
        `emberkeep offline restore ${examplePoint} --disk 1 --to backups/web-01 --store /srv/emberkeep`,
        `emberkeep offline restore ${examplePoint} --disk /dev/vdb --to-file data.raw --key-file old.key`,
      ],
    ),
  ).action((pointId: string, options: RestoreOptions) => {
    const { to, toFile, disk } = options;
    exactlyOne({ '--to': to, '--to-file': toFile }, 'where to');
    if (toFile !== undefined && (options.plain === true || options.cluster !== undefined))
      throw new AppError('INPUT_CONFLICT', '--plain and --cluster are for --to');
    chooseColumns(offlineRestoreFields, options.column ?? []);
    return runOffline(run, options, async (context, store) => {
      const line = progressLine(context);
      try {
        const restored = await store.restore({
          pointId,
          disk,
          target:
            to === undefined
              ? { file: toFile ?? '' }
              : { image: { cluster: options.cluster ?? store.defaultCluster, ...to } },
          plain: options.plain === true,
          signal: context.interrupted,
          onProgress: (position, size) =>
            line.show(`Restoring: ${size === 0 ? 100 : Math.floor((position / size) * 100)} %`),
        });
        line.clear();
        await printRecord(context, restored, offlineRestoreFields, options);
      } finally {
        line.clear();
      }
    });
  });
}
