/**
 * What a reconciliation says of what it found, with codes: what it does about it and why, and the line of each finding in the job's
 * log. A test reads the sources.
 */
import { driftKinds, findingOutcomes, strayKinds } from './reconciliation.ts';
import { recognizer, type SaidText } from './said-text.ts';

const actions = {
  'remove-image': 'remove the image',
  'abort-migration': 'abort the migration, then remove the image that it began with',
  'remove-snapshot': 'remove the snapshot',
  'remove-folder': 'remove the folder',
  'unpause-instance': 'unpause the instance',
  'delete-volume': 'delete the volume',
  'empty-trash': 'remove our snapshots, then the image when Cinder deleted it and nothing else holds it',
} as const;

const reasons = {
  'restore-ended': 'restore {restore} {state}',
  'ended-before-taken': 'restore {restore} {state} before Cinder took the image over',
  'another-image': 'restore {restore} filled another image in its place',
  'verification-ended': 'verification {job} {state}',
  'undo-over': 'the undo of restore {restore} is over',
  'no-manifest': 'it has no manifest, and nothing was written to it for a day',
  'left-paused': 'backup {job} {state} and could not do it',
  'no-increment': 'no increment of {disk} will stand on it',
  'deleted-with-snapshots': '{disk} was deleted while it had {count} of our snapshots',
  'link-lost':
    'the points that need it cannot be restored: `emberkeep verify --all` names them, the next backup is a full',
  'link-unneeded':
    'no point needs it, or the catalog has lost its point: `emberkeep catalog rebuild --dry-run` tells which',
  'point-lost': 'a lost catalog could not be rebuilt with it: back its source up again',
  'point-unlisted': 'the catalog has lost it: `emberkeep catalog rebuild` brings it back',
  'snapshot-removed': 'somebody removed it; the next backup of {disk} is a full',
} as const;

/** What stands in other sentences: names of what is looked for, and why something was left. */
const parts = {
  'another-job': 'another job works on it',
  'fresh-images': 'images of restores in the backups pool',
  'moved-images': 'images of restores in the pools of Cinder',
  'unfinished-links': 'unfinished links in store {store}',
  'paused-instances': 'instances that backups paused',
  'scratch-images': 'scratch images of verifications',
  'stranded-snapshots': 'snapshots of backups',
  'trashed-images': 'deleted images with snapshots of backups',
  'marked-volumes': 'volumes of restores',
  'links-compared': 'links in store {store}',
  'points-compared': 'points in store {store}',
  'snapshots-compared': 'snapshots on the disks',
  'pool-images': 'images',
  'pool-trash': 'the trash',
} as const;

export const findingWords = { ...actions, ...reasons, ...parts };
export type FindingWord = keyof typeof findingWords;
export const findingWordCodes = Object.keys(findingWords) as [FindingWord, ...FindingWord[]];

/** undefined for what no template fits, such as the message of an error. */
export const findingWordOf: (text: string) => SaidText<FindingWord> | undefined =
  recognizer<FindingWord>(findingWords);

/** A finding in the log of its job; `{action}`, `{reason}` and `{note}` are words of the above. */
export const findingLines = {
  'finding-stray': '{outcome}: {kind} {what} in {where}: {action}, since {reason}',
  'finding-stray-note': '{outcome}: {kind} {what} in {where}: {action}, since {reason} ({note})',
  'finding-drift': '{kind}: {what} in {where}: {reason}',
} as const;
export type FindingLine = keyof typeof findingLines;

const strayLine = new RegExp(
  `^(?<outcome>${findingOutcomes.join('|')}): (?<kind>${strayKinds.join('|')}) (?<what>[^]+?) in (?<where>[^]+?): ` +
    `(?<action>${Object.values(actions).join('|')}), since (?<reason>[^]+?)(?: \\((?<note>[^]+)\\))?$`,
);
const driftLine = new RegExp(
  `^(?<kind>${driftKinds.join('|')}): (?<what>[^]+?) in (?<where>[^]+?): (?<reason>[^]+)$`,
);

/** undefined for any other line. Pure. */
export function findingLineOf(text: string): SaidText<FindingLine> | undefined {
  const stray = strayLine.exec(text)?.groups;
  if (stray !== undefined) {
    const { note, ...params } = stray;
    return note === undefined
      ? { code: 'finding-stray', params: { ...params } }
      : { code: 'finding-stray-note', params: { ...params, note } };
  }
  const drift = driftLine.exec(text)?.groups;
  return drift === undefined ? undefined : { code: 'finding-drift', params: { ...drift } };
}
