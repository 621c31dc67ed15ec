/**
 * What plans, jobs and results say beside their steps, with its code: a plan's and a result's notes, and what jobs of tenants
 * log. `{name}` stands for what differs. Every note of these workflows is here; a test reads the sources.
 */
import { fullReasons } from './full-reasons.ts';
import { recognizer, type SaidText } from './said-text.ts';

const ofPlans = {
  'name-taken': 'the project has an instance named {wanted}; the new one is named {name}',
  'flavor-replaced': 'flavor {flavor} ({sizes}) is gone or changed; {other} is used',
  'flavor-replaced-differs': 'flavor {flavor} ({sizes}) is gone or changed; {other} is used: {difference}',
  'flavor-changed': 'flavor {flavor} was changed: {difference}',
  'zone-gone': 'availability zone {zone} is gone or down; Nova chooses another',
  'server-group-gone': 'server group {group} is gone; the instance is in none',
  'key-pair-gone':
    'key pair {name} is gone; Nova gives the instance none (its disks have what was put there)',
  'subnet-gone': 'the subnet of {address} is gone from network {network}; it gets another address',
  'address-in-use': '{address} on network {network} is in use; it gets another address',
  'mac-in-use': 'MAC address {mac} on network {network} is in use; it gets another one',
  'security-group-gone': 'security group {group} is gone',
  'security-group-ambiguous': 'security group {group} is the name of several; none of them is used',
  'volume-type-replaced':
    'its type {recorded} on {backend} cannot be had; the volume is of type {type} instead',
  'not-attached': 'volume {volume} was not attached any more; nothing was detached',
  extended: "it was extended since and keeps its size, {size} bytes: zeros follow the point's",
  'own-image': 'it is written back into its own image, on which there is {dependents}',
  'attached-too': 'it is attached to {instances} too: all of its instances are off meanwhile',
} as const;

const ofRestores = {
  'volume-made': '{disk}: volume {volume} ({name})',
  'volume-in-place': '{disk}: {volume} is attached in its place, {old} is kept',
  'instance-active': 'instance {instance} ({name}) is ACTIVE',
  'failed-restore-removed': 'what the failed restore had made was removed',
  'image-is-point': '{disk}: {image} is the point, what was there is kept as {kept}',
  'image-written':
    '{disk}: {image} is the point, {written} written and {zeroed} made zero; what was there is in its snapshot {snapshot}',
  'image-left-open': '{image} is still open somewhere and was left; see docs/operate/troubleshooting.md',
  'waits-for-room': '{disk}: waiting for room: {what}',
  'undo-withdrawn': 'the restore is as it was before its undo was asked for',
  'instance-not-released':
    'instance {instance} could not be given back as it was: {error}; start it by hand: openstack server start {again}',
  'volume-kept': 'volume {volume} is kept: {reason}',
  'image-left-over': '{image} is left over: {error}',
  'snapshots-left-over': 'snapshots of this restore on {image} are left over: {error}',
} as const;

const ofBackups = {
  'another-first': 'another backup of the same disks came first; this one starts over',
  increment: '{disk}: increment, {data} of data, {stored} stored',
  full: '{disk}: full, {data} of data, {stored} stored',
  'older-snapshots-stay': '{disk}: older snapshots could not be removed yet: {error}',
  'failed-backup-removed': 'what the failed backup had made was removed',
  'samples-skipped': 'samples of the source could not be compared: {error}',
  'clock-behind':
    "the newest point is {span} ahead of this host's clock, so this one is dated {dated}: is the clock right?",
  'paused-already': '{name} was paused already and stays so',
  'not-running': '{name} is {status}, so it was not paused: the point is crash consistent',
  paused: '{name} was paused for {ms} ms',
  'not-paused':
    '{name} could not be paused, Nova is busy with it or its host refused: the point is crash consistent',
  'pause-too-long':
    '{name} ran again after {seconds} s, before all snapshots were taken: the point is crash consistent',
  'pause-broken':
    '{name} was unpaused by somebody else before all snapshots were taken: the point is crash consistent',
  'runs-again': '{name} was still paused and runs again',
} as const;

const ofCare = {
  'store-away': 'store {store} is away: {error}',
  'point-damaged': '{source} of {taken_at} (point {point}) is damaged: {reason}',
  'point-unverified': '{source} of {taken_at} (point {point}) could not be verified: {reason}',
  'snapshot-stays': '{disk}: its snapshot could not be removed yet: {error}',
  folded: '{disk}: {count} links are one now',
  'not-folded': '{disk}: {count} links stay as they are: {reason}',
  'expire-again': 'the points are deleted; expire the source again to free what is left',
  'fold-not-undone': '{disk}: an earlier fold is not put back yet: {error}',
} as const;

const ofRebuild = {
  'rebuild-reading': 'reading {store}',
  'rebuild-reading-dry': 'reading {store}, changing nothing',
  'rebuild-damaged': 'point {point} of {source} is damaged: {reason}',
  'rebuild-unneeded':
    'link {link} belongs to no point that is there: a deletion or a backup that runs or did not end left it',
  'rebuild-unfinished':
    'link {link} has no manifest: a deletion or a backup that runs or did not end left it',
  'rebuild-more': 'there are more; the rest is only counted',
  'rebuild-foreign': 'point {point} is left out: it belongs to store {store}',
  'rebuild-mixed-up': 'link {link} is not the one of {disk} that point {point} names',
  'rebuild-missing': 'link {link} is missing in the store',
  'rebuild-point-unreadable': 'point {point} is left out: {reason}',
  'rebuild-link-unreadable': 'link {link} is left out: {reason}',
} as const;

const ofReconcile = {
  'not-looked-for': '{what} could not be looked for: {error}',
  'not-listed': '{what} of pool {pool} of cluster {cluster} could not be listed: {error}',
} as const;

/** A full says why it is one. */
type FullCode = `full-${keyof typeof fullReasons}`;
const fulls = Object.fromEntries(
  Object.entries(fullReasons).map(([reason, why]) => [
    `full-${reason}`,
    `{disk}: full (${why}), {data} of data, {stored} stored`,
  ]),
) as Record<FullCode, string>;

export const notes = {
  ...ofPlans,
  ...ofRestores,
  ...ofBackups,
  ...fulls,
  ...ofCare,
  ...ofRebuild,
  ...ofReconcile,
};
export type NoteCode = keyof typeof notes;
export const noteCodes = Object.keys(notes) as [NoteCode, ...NoteCode[]];

/** undefined for what no template fits, such as the message of an error: it is shown as it is. */
export const noteOf: (text: string) => SaidText<NoteCode> | undefined = recognizer<NoteCode>(notes);
