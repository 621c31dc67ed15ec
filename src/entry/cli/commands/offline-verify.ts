import type { Command } from 'commander';
import { humanBytes } from '../../../base/bytes.ts';
import type { OfflineVerification, VerifiedPoint } from '../../../workflows/offline/verify.ts';
import { exactlyOne, parseId } from '../arguments.ts';
import { say } from '../context.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { verifiedColumns } from '../offline-view.ts';
import { chooseColumns } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import { progressLine } from '../progress-line.ts';
import { addExamples } from './examples.ts';
import { addStoreOptions, examplePoint, runOffline, type StoreOptions } from './offline-store.ts';
import type { Runner } from './run.ts';

interface VerifyOptions extends StoreOptions, FormatOptions {
  all?: true;
}

export function addOfflineVerifyCommand(offline: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      addStoreOptions(
        offline
          .command('verify')
          .description('read all bytes of a point or of the whole store and compare them')
          .argument('[POINT]', 'id', parseId('point'))
          .option('--all', 'every point of the store'),
      ),
      [
        'emberkeep offline verify --all --store /srv/emberkeep',
        `emberkeep offline verify ${examplePoint} --store /srv/emberkeep --key-file emberkeep.key`,
      ],
    ),
  ).action((pointId: string | undefined, options: VerifyOptions) => {
    exactlyOne({ POINT: pointId, '--all': options.all }, 'what to verify');
    chooseColumns(verifiedColumns, options.column ?? []);
    return runOffline(run, options, async (context, store) => {
      const line = progressLine(context);
      try {
        const found = await store.verify({
          pointId,
          signal: context.interrupted,
          onProgress: ({ link, links, plainBytes }) =>
            line.show(`Reading link ${link} of ${links}: ${humanBytes(plainBytes)}`),
        });
        line.clear();
        await printList(context, found.points, verifiedColumns, options);
        say(context, summary(found));
        context.exitCode = exitCode(found.points);
      } finally {
        line.clear();
      }
    });
  });
}

function summary({
  points,
  links,
  segments,
  plainBytes,
  unusedLinks,
  unfinishedLinks,
}: OfflineVerification): string {
  const bad = points.filter(({ state }) => state !== 'intact').length;
  const parts = [
    `${points.length - bad} of ${points.length} points are intact`,
    `read ${links} links, ${segments} segments, ${humanBytes(plainBytes)}`,
  ];
  if (unusedLinks > 0) parts.push(`links that no point needs: ${unusedLinks}`);
  if (unfinishedLinks > 0) parts.push(`links that were never finished: ${unfinishedLinks}`);
  return `${parts.join('; ')}.`;
}

function exitCode(points: readonly VerifiedPoint[]): number {
  if (points.some(({ state }) => state === 'damaged' || state === 'incomplete'))
    return exitCodeOf('INTEGRITY_STORE');
  return points.some(({ state }) => state === 'unverified') ? exitCodeOf('STORE_NO_KEY') : 0;
}
