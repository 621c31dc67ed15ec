/**
 * The backup of one instance, volume or image: snapshots, export of every disk, the point's manifest, the catalog, and
 * only then the release of the snapshots before. It can be killed between any two steps: the next attempt reads the
 * recorded plan and goes on (I9). When it fails it leaves nothing behind.
 */
import { humanBytes } from '../../base/bytes.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { Pace } from '../../base/paced-stream.ts';
import type { Consistency, LinkManifest } from '../../domain/manifest.ts';
import { newId } from '../../base/ids.ts';
import { snapshotName } from '../../domain/snapshot-name.ts';
import type { JobContext } from '../job-context.ts';
import { runDisks } from '../run-disks.ts';
import { commitPoint } from './commit-point.ts';
import { clockAfterNewest } from './clock-after-newest.ts';
import type { BackupDeps, BackupOptions } from './deps.ts';
import { exportDisk } from './export-disk.ts';
import { endPause } from './hold-still.ts';
import { isOvertaken } from './is-overtaken.ts';
import { refuseHalfWritten } from './refuse-half-written.ts';
import type { BackupPlan, DiskPlan } from './plan.ts';
import { sweepSnapshots } from '../sweep-snapshots.ts';
import { sampleDisks } from './sample-disks.ts';
import { SeenSnapshots } from './seen-snapshots.ts';
import { takeSnapshots } from './take-snapshots.ts';
import { undoBackup } from './undo.ts';

type Context = JobContext<BackupPlan>;
type DepsAndSeen = BackupDeps & { snapshots: SeenSnapshots };

export interface BackupResult {
  pointId: string;
  takenAt: string;
  consistency: Consistency;
  /** How long the instance was paused, milliseconds. */
  pausedMs?: number;
  disks: BackedUpDisk[];
  /** Objects outside the increments that were compared with the store. */
  sampledObjects: number;
}

export interface BackedUpDisk {
  diskKey: string;
  linkId: string;
  kind: 'full' | 'increment';
  /** Why it is a full, in words; null for an increment. */
  fullReason: string | null;
  sizeBytes: number;
  dataBytes: number;
  storedBytes: number;
}

export async function runBackup(
  deps: BackupDeps,
  options: BackupOptions,
  context: Context,
): Promise<BackupResult> {
  let plan = context.plan ?? (await makePlan(deps, options, context));
  // Before the wait for locks, since nobody knows how long that takes; what fails is tried again below.
  plan = await endPause(deps, plan, context).catch(() => plan);
  await context.lock(plan.disks.map(({ disk }) => `disk:${disk.key}`));
  const snapshots = new SeenSnapshots(deps.rbd);
  const links: LinkManifest[] = [];
  try {
    plan = await endPause(deps, plan, context);
    if (context.plan !== undefined) plan = await resume(deps, plan, context);
    if (!plan.committed) {
      await refuseHalfWritten({ ...deps, snapshots }, plan);
      const steps = { ...deps, snapshots, clock: await clockAfterNewest(deps, plan, context) };
      plan = await takeSnapshots(steps, plan, context, options.consistency);
      links.push(...(await exportDisks(steps, options, plan, context)));
      plan = await commitPoint(deps, plan, links, context);
    } else {
      links.push(...(await storedLinks(deps, plan)));
    }
  } catch (error) {
    if (!context.willResume()) await undo(deps, plan, context, error);
    throw error;
  }
  plan = await sampleDisks(deps, plan, context);
  await releaseSnapshots({ ...deps, snapshots }, plan, context);
  await context.record('older snapshots released', plan);
  throwIfDamaged(plan);
  return toResult(plan, links);
}

/** The point stays, marked: it may be the best there is of that instant. */
function throwIfDamaged({ pointId, sampled }: BackupPlan): void {
  if (sampled?.fault === undefined) return;
  const { code, message, linkId } = sampled.fault;
  throw new AppError(code, message, { details: { pointId, linkId } });
}

/** What a dead attempt left is looked at before it is gone on with: others may have had the disks since (I9). */
async function resume(deps: BackupDeps, plan: BackupPlan, context: Context): Promise<BackupPlan> {
  if (plan.committed || (await deps.catalog.hasPoint(plan.pointId))) return plan;
  // A cancelled job is resumed only to be undone.
  context.signal.throwIfAborted();
  if (!(await isOvertaken(deps, plan))) return plan;
  await undoBackup(deps, plan);
  const again = withNewIds(deps, plan, plan.disks);
  await context.record('planned again', again);
  await context.note('another backup of the same disks came first; this one starts over');
  return again;
}

async function makePlan(deps: BackupDeps, { target }: BackupOptions, context: Context): Promise<BackupPlan> {
  const described = await deps.describeTarget(target);
  if (described.disks.length === 0) {
    throw new AppError(
      'INPUT_NO_DISKS',
      `${described.sourceName} has no disk on Ceph that could be backed up`,
    );
  }
  const { sourceId, sourceName, projectId, instance } = described;
  const source = { kind: target.kind, sourceId, sourceName, projectId };
  const plan = withNewIds(
    deps,
    instance === undefined ? source : { ...source, instance },
    described.disks.map((disk) => ({ disk })),
  );
  await context.record('planned', plan);
  return plan;
}

/** A plan of which nothing is done yet. */
function withNewIds(
  { clock, store }: Pick<BackupDeps, 'clock' | 'store'>,
  source: Omit<BackupPlan, 'pointId' | 'disks' | 'committed'>,
  disks: readonly Pick<DiskPlan, 'disk'>[],
): BackupPlan {
  const now = clock.now();
  return {
    ...source,
    pointId: newId(),
    storeId: store.storeId,
    disks: disks.map(({ disk }) => {
      const linkId = newId();
      return { disk, linkId, snapshotName: snapshotName(linkId, now) };
    }),
    committed: false,
  };
}

async function exportDisks(
  deps: DepsAndSeen,
  options: BackupOptions,
  plan: BackupPlan,
  context: Context,
): Promise<LinkManifest[]> {
  const progress = sumProgress(plan, context);
  const pace = paceOf(deps, options);
  const exportOne = async (disk: DiskPlan, index: number, signal: AbortSignal): Promise<LinkManifest> => {
    const onProgress = (part: DiskProgress): void => progress(index, part);
    const link = await exportDisk(deps, { ...options, plan, disk, pace, signal, onProgress });
    await context.note(describeLink(link));
    return link;
  };
  return await runDisks(deps.transfers, plan.disks, context.signal, exportOne, ({ disk }) => disk.location);
}

/** One for all disks of the job; undefined when nothing limits them but the service. */
function paceOf({ clock }: BackupDeps, { bandwidthMib }: BackupOptions): Pace | undefined {
  if (bandwidthMib === undefined) return undefined;
  return new Pace({ bytesPerSecond: bandwidthMib * 1024 * 1024, clock });
}

function describeLink({ diskKey, kind, fullReason, content, segments }: LinkManifest): string {
  const why = fullReason === null ? '' : ` (${fullReason})`;
  return `${diskKey}: ${kind}${why}, ${humanBytes(content.dataBytes)} of data, ${humanBytes(segments.storedBytes)} stored`;
}

interface DiskProgress {
  positionBytes: number;
  storedBytes: number;
}

function sumProgress(plan: BackupPlan, context: Context): (index: number, part: DiskProgress) => void {
  const parts = plan.disks.map(() => ({ positionBytes: 0, storedBytes: 0 }));
  const bytesTotal = plan.disks.reduce((sum, { snapshot }) => sum + (snapshot?.source.sizeBytes ?? 0), 0);
  return (index, part) => {
    parts[index] = part;
    context.progress({
      bytesDone: parts.reduce((sum, { positionBytes }) => sum + positionBytes, 0),
      bytesTotal,
      storedBytes: parts.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    });
  };
}

async function storedLinks({ store }: BackupDeps, plan: BackupPlan): Promise<LinkManifest[]> {
  return await Promise.all(
    plan.disks.map(async ({ linkId }) => {
      const link = await store.readLinkManifest(linkId);
      if (link === undefined)
        throw new AppError(
          'INTEGRITY_LINK_MISSING',
          `link ${linkId} of point ${plan.pointId} is not in the store`,
        );
      return link;
    }),
  );
}

/** The point stands by now, so what cannot be removed is left to the next backup of the disk instead of failing this one. */
async function releaseSnapshots(deps: DepsAndSeen, plan: BackupPlan, context: Context): Promise<void> {
  for (const { disk, snapshotName: ownName, snapshot } of plan.disks) {
    try {
      await sweepSnapshots(deps, {
        location: disk.location,
        imageId: snapshot?.source.imageId,
        snapshots: deps.snapshots.seen(disk.location),
        keepNames: await namesToKeep(deps, plan, disk.key, ownName),
      });
    } catch (error) {
      if (context.willResume()) throw error;
      await context.note(`${disk.key}: older snapshots could not be removed yet: ${describeError(error)}`);
    }
  }
}

/** A job that was resumed late is not the newest: the next increment stands on the head, whoever made it (I4). */
async function namesToKeep(
  { catalog, store }: Pick<BackupDeps, 'catalog' | 'store'>,
  { sampled }: BackupPlan,
  diskKey: string,
  ownName: string,
): Promise<string[]> {
  const needed = await catalog.neededSnapshots(diskKey);
  const elsewhere = needed.filter(({ storeId }) => storeId !== store.storeId).map(({ name }) => name);
  // After a fault nothing is to stand on what is stored, even when the damaged point is deleted before (I8).
  if (sampled?.fault !== undefined) return elsewhere;
  const here = needed.find(({ storeId }) => storeId === store.storeId)?.name;
  return [...elsewhere, here ?? ownName];
}

async function undo(deps: BackupDeps, plan: BackupPlan, context: Context, error: unknown): Promise<void> {
  let undone: boolean;
  try {
    undone = await undoBackup(deps, plan);
  } catch (undoError) {
    throw new AppError(
      'CONFLICT_UNDO_FAILED',
      `${describeError(error)}; cleaning up failed as well (${describeError(undoError)}), the next backup of the same disks does it`,
      { cause: error, details: { pointId: plan.pointId } },
    );
  }
  if (undone) await context.note('what the failed backup had made was removed');
}

function toResult(plan: BackupPlan, links: LinkManifest[]): BackupResult {
  return {
    pointId: plan.pointId,
    takenAt: new Date(
      Math.min(...plan.disks.map(({ snapshot }) => snapshot?.startedMs ?? Infinity)),
    ).toISOString(),
    consistency: plan.consistency ?? 'crash',
    ...(plan.pausedMs === undefined ? {} : { pausedMs: plan.pausedMs }),
    sampledObjects: plan.sampled?.objects ?? 0,
    disks: links.map((link) => ({
      diskKey: link.diskKey,
      linkId: link.linkId,
      kind: link.kind,
      fullReason: link.fullReason,
      sizeBytes: link.source.sizeBytes,
      dataBytes: link.content.dataBytes,
      storedBytes: link.segments.storedBytes + link.index.storedBytes,
    })),
  };
}
