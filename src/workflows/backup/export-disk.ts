import { AppError } from '../../base/errors.ts';
import type { Pace } from '../../base/paced-stream.ts';
import { decideLink, type CycleRule, type LinkDecision } from '../../domain/chain.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { BackupDeps } from './deps.ts';
import type { BackupPlan, DiskPlan, TakenSnapshot } from './plan.ts';
import type { SeenSnapshots } from './seen-snapshots.ts';

type Deps = Pick<BackupDeps, 'clock' | 'rbd' | 'store' | 'catalog'> & { snapshots: SeenSnapshots };

export interface ExportOptions {
  plan: Pick<BackupPlan, 'pointId'>;
  disk: DiskPlan;
  cycle: CycleRule;
  forceFull: boolean;
  /** How fast the job may read; undefined: as it can. */
  pace: Pace | undefined;
  signal: AbortSignal;
  onProgress: (progress: { positionBytes: number; storedBytes: number }) => void;
}

/** One disk's link in the store; a link that an earlier attempt finished is taken as it is. */
export async function exportDisk(deps: Deps, options: ExportOptions): Promise<LinkManifest> {
  const { store } = deps;
  const { disk } = options;
  const snapshot = requireSnapshot(disk);
  const finished = await store.readLinkManifest(disk.linkId);
  if (finished !== undefined) return finished;
  // What an attempt left that died while it wrote: no manifest names it (I1).
  await store.removeLink(disk.linkId);
  const decision = await decide(deps, options, snapshot);
  return await writeLink(deps, options, snapshot, decision);
}

function requireSnapshot({ snapshot, disk }: DiskPlan): TakenSnapshot {
  if (snapshot === undefined)
    throw new AppError('BUG_NO_SNAPSHOT', `${disk.key} is exported before its snapshot is taken`);
  return snapshot;
}

async function decide(
  deps: Deps,
  { disk, cycle, forceFull, signal }: ExportOptions,
  snapshot: TakenSnapshot,
): Promise<LinkDecision> {
  const head = await deps.catalog.latestLink(disk.disk.key);
  const chain = head === undefined ? [] : await deps.catalog.chainOf(head.linkId);
  const [chainFault, snapshots, elsewhere] = await Promise.all([
    findChainFault(deps, disk.disk.key, chain, signal),
    deps.snapshots.last(disk.disk.location),
    head === undefined ? deps.catalog.newestElsewhere(disk.disk.key) : undefined,
  ]);
  return decideLink({
    head,
    elsewhere,
    chainStartedAt: chain[0] === undefined ? undefined : new Date(chain[0].createdAt),
    chainIncrements: chain.length - 1,
    chainFault,
    image: snapshot.source,
    snapshots,
    cycle,
    forceFull,
    now: deps.clock.now(),
  });
}

/** I3 and I8: an increment on a chain that cannot be read back would be worth nothing; its points are marked. */
async function findChainFault(
  { store, catalog }: Deps,
  diskKey: string,
  chain: LinkManifest[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const known = await catalog.newestDamage(diskKey);
  if (known !== undefined) return known;
  for (const { linkId } of chain) {
    try {
      await store.checkLink(linkId, { signal });
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('INTEGRITY_')) throw error;
      await catalog.markLinkDamaged(linkId, error.message);
      return error.message;
    }
  }
  return undefined;
}

async function writeLink(
  { clock, rbd, store, snapshots }: Deps,
  { plan, disk, pace, signal, onProgress }: ExportOptions,
  { identity, source }: TakenSnapshot,
  decision: LinkDecision,
): Promise<LinkManifest> {
  const increment = decision.kind === 'increment' ? decision : undefined;
  const { chunks, exited, close } = await rbd.exportDiff(disk.disk.location, {
    snapshot: identity.name,
    fromSnapshot: increment?.from.name,
    signal,
  });
  const exported = exited.then(() => checkSnapshotsStand(snapshots, disk, identity, increment?.from));
  // A store that fails before it reads never looks at it.
  exported.catch(() => undefined);
  try {
    return await store.writeLink({
      header: {
        linkId: disk.linkId,
        pointId: plan.pointId,
        diskKey: disk.disk.key,
        kind: decision.kind,
        chainId: increment?.parent.chainId ?? disk.linkId,
        parentLinkId: increment?.parent.linkId ?? null,
        depth: increment === undefined ? 0 : increment.parent.depth + 1,
        fullReason: decision.kind === 'full' ? decision.explanation : null,
        createdAt: clock.now().toISOString(),
        source,
        fromSnapshot: increment?.from ?? null,
        toSnapshot: identity,
      },
      stream: pace?.pass(chunks, signal) ?? chunks,
      exported,
      signal,
      onProgress: ({ position, storedBytes }) => onProgress({ positionBytes: position, storedBytes }),
    });
  } finally {
    // Else an exporter that nobody reads waits for ever.
    close();
  }
}

/**
 * I3 once more, after the export: a snapshot that somebody removed and made again between the decision and the export
 * would have given a stream of the same names and of other data.
 */
async function checkSnapshotsStand(
  snapshots: SeenSnapshots,
  { disk }: DiskPlan,
  ...wanted: ({ name: string; id: number } | undefined)[]
): Promise<void> {
  const now = await snapshots.list(disk.location);
  for (const snapshot of wanted) {
    if (snapshot === undefined) continue;
    if (now.some(({ name, id }) => name === snapshot.name && id === snapshot.id)) continue;
    throw new AppError(
      'CONFLICT_SNAPSHOT_CHANGED',
      `${disk.key}: snapshot ${snapshot.name} was removed or made again during the export; back up again`,
    );
  }
}
