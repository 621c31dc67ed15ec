/**
 * The files of tests on the cloud: which of them `npm test` runs, and in which order.
 *
 * All of them take as long as half an hour of two cores, so `npm test` takes those that show each capability on the real parts once,
 * and `npm test -- thorough` the rest: variants, refusals, faults, and workers killed at every other step. A file that stands in
 * neither list is run by `npm test`.
 */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What is long of `npm test`, the longest first, so that at the end no lane waits for another; whatever is not here comes after. */
const longest = [
  'integration/main-job/in-place-guest',
  'integration/main-job/restore',
  'integration/main-job/instance',
  'recovery/backup',
  'integration/verify/verify',
  'integration/main-job/chain',
  'recovery/two-workers',
  'integration/offline/offline',
  'integration/expire/expire',
  'integration/openstack/nova',
  'integration/main-job/s3-store',
  'e2e/backup-and-restore',
];

/** The longest first. */
const thorough = [
  'recovery/in-place',
  'integration/main-job/in-place',
  'integration/main-job/encrypted',
  'integration/main-job/way-back',
  'integration/operate/rights',
  'integration/main-job/undo',
  'recovery/expire',
  'recovery/restore',
  'integration/main-job/write-back',
  'integration/main-job/invariants',
  'integration/reconcile/reconcile',
  'integration/verify/verify-faults',
  'chart/running/examples',
  'integration/stores/stores',
  'integration/main-job/in-place-sizes',
  'integration/expire/fold',
  'recovery/instance',
  'integration/main-job/restore-variants',
  'integration/main-job/in-place-guest-nova',
  'integration/verify/rebuild',
  'integration/main-job/mapping',
  'recovery/write-back',
  'integration/main-job/plan',
  'integration/main-job/instance-faults',
  'integration/operate/disks-lost',
  'integration/main-job/instance-nova-disk',
  'integration/main-job/reattach',
  'e2e/policies',
  'recovery/signals',
  'recovery/replace',
  'integration/verify/fold-race',
  'recovery/ceph-away',
  'recovery/paused',
  'integration/main-job/instance-choice',
  'integration/main-job/instance-ports',
  'integration/main-job/faults',
  'integration/main-job/full-pool',
  'integration/operate/new-cluster',
  'integration/operate/secrets',
  'integration/main-job/invariants-cloud',
  'integration/backup/paused',
  'integration/verify/samples',
  'recovery/stop-and-cancel',
  'e2e/care-of-points',
  'integration/operate/outages',
  'e2e/stopping',
  'e2e/ways-to-sign-in',
  'e2e/websso',
  'e2e/passcode',
  'integration/offline/master-keys',
  'integration/expire/faults',
  'integration/expire/encrypted',
  'integration/store/s3-silence',
  'integration/histories/real-rbd',
  'recovery/reconcile',
  'recovery/own-database',
  'integration/operate/clock',
  'integration/operate/keystone-away',
  'integration/main-job/secrets',
  'integration/main-job/restore-choice',
];

export type Extent = 'usual' | 'thorough' | 'all';

/** Paths of the tests of the folders below `test/`, in the order in which they are begun. */
export function cloudFiles(folders: readonly string[], extent: Extent): string[] {
  const order = [...longest, ...thorough];
  const there = allBelow('*').map(nameOf);
  const unknown = order.filter((name) => !there.includes(name));
  if (unknown.length > 0) throw new Error(`there is no test file ${unknown.join(', ')}`);
  const wanted = folders.flatMap(allBelow).filter((file) => {
    const isThorough = thorough.includes(nameOf(file));
    return extent === 'all' || isThorough === (extent === 'thorough');
  });
  if (wanted.length === 0) throw new Error(`there are no tests in ${folders.join(', ') || 'no folder'}`);
  const rank = (file: string): number => {
    const at = order.indexOf(nameOf(file));
    return at === -1 ? order.length : at;
  };
  return wanted.toSorted((a, b) => rank(a) - rank(b));
}

function allBelow(folder: string): string[] {
  const found = globSync(`${folder}/**/*.test.ts`, { cwd: import.meta.dirname }).toSorted();
  return found.map((file) => join(import.meta.dirname, file));
}

/** As the lists have it: `recovery/backup`. */
export function nameOf(file: string): string {
  return relative(import.meta.dirname, file).replace(/\.test\.ts$/, '');
}
