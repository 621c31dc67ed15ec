import { AppError } from '../../base/errors.ts';
import type { OfflineDeps } from './deps.ts';
import { listOfflinePoints, showOfflinePoint, type OfflinePoint } from './points.ts';

export interface OfflineVerifyRequest {
  /** Undefined: every point of the store. */
  pointId: string | undefined;
  signal: AbortSignal;
  onProgress: (progress: { link: number; links: number; plainBytes: number }) => void;
}

export interface VerifiedPoint {
  id: string;
  sourceName: string | undefined;
  takenAt: string | undefined;
  /** `unverified`: the key that it needs is not given, which says nothing of the data (I8). */
  state: 'intact' | 'damaged' | 'incomplete' | 'unverified';
  reasons: string[];
}

export interface OfflineVerification {
  points: VerifiedPoint[];
  links: number;
  segments: number;
  plainBytes: number;
  /** Links that no point needs, and folders without a manifest: not damage. */
  unusedLinks: number;
  unfinishedLinks: number;
}

type Verdict = { state: 'whole' } | { state: 'damaged' | 'unverified'; reasons: string[] };

/** Reads every link that the points need once, completely. Damage is told, not thrown; throws STORE_* and CANCELLED_*. */
export async function verifyOffline(
  deps: OfflineDeps,
  request: OfflineVerifyRequest,
): Promise<OfflineVerification> {
  const { pointId } = request;
  const points =
    pointId === undefined
      ? await listOfflinePoints(deps, undefined)
      : [await showOfflinePoint(deps, pointId)];
  const needed = new Set(points.flatMap(({ disks }) => disks.flatMap(({ links }) => links.map(linkIdOf))));
  const totals = { links: needed.size, segments: 0, plainBytes: 0, unusedLinks: 0, unfinishedLinks: 0 };
  const verdicts = new Map<string, Verdict>();
  for (const linkId of needed) {
    const onProgress = (plainBytes: number): void =>
      request.onProgress({ link: verdicts.size + 1, links: needed.size, plainBytes });
    const { segments, plainBytes, verdict } = await inspect(deps, linkId, request.signal, onProgress);
    totals.segments += segments;
    totals.plainBytes += plainBytes;
    verdicts.set(linkId, verdict);
  }
  if (pointId === undefined) {
    for await (const { linkId, complete } of deps.store.listLinks()) {
      if (!complete) totals.unfinishedLinks += 1;
      else if (!needed.has(linkId)) totals.unusedLinks += 1;
    }
  }
  return { ...totals, points: points.map((point) => judge(point, verdicts)) };
}

async function inspect(
  { store }: OfflineDeps,
  linkId: string,
  signal: AbortSignal,
  onProgress: (plainBytes: number) => void,
): Promise<{ segments: number; plainBytes: number; verdict: Verdict }> {
  try {
    const manifest = await store.readLinkManifest(linkId);
    if (manifest === undefined) {
      throw new AppError('INTEGRITY_LINK_MISSING', `Link ${linkId} went away while the store was verified.`);
    }
    const { segments, plainBytes, damages, damageCount } = await store.inspectLink(manifest, {
      signal,
      onProgress: (progress) => onProgress(progress.plainBytes),
    });
    const reasons = damages.map(({ reason }) => reason);
    const more = damageCount - damages.length;
    if (more > 0) reasons.push(`${more} more damages in link ${linkId}`);
    const verdict: Verdict = damageCount === 0 ? { state: 'whole' } : { state: 'damaged', reasons };
    return { segments, plainBytes, verdict };
  } catch (error) {
    const state = stateOf(error);
    if (state === undefined || !(error instanceof AppError)) throw error;
    return { segments: 0, plainBytes: 0, verdict: { state, reasons: [error.message] } };
  }
}

function stateOf(error: unknown): 'damaged' | 'unverified' | undefined {
  if (!(error instanceof AppError)) return undefined;
  if (error.code === 'STORE_NO_KEY') return 'unverified';
  return error.code.startsWith('INTEGRITY_') ? 'damaged' : undefined;
}

function judge(point: OfflinePoint, verdicts: ReadonlyMap<string, Verdict>): VerifiedPoint {
  const found = point.disks
    .flatMap(({ links }) => links)
    .flatMap(({ linkId }) => {
      const verdict = verdicts.get(linkId);
      return verdict === undefined || verdict.state === 'whole' ? [] : [verdict];
    });
  const has = (state: Verdict['state']): boolean => found.some((verdict) => verdict.state === state);
  const { id, manifest } = point;
  return {
    id,
    sourceName: manifest?.sourceName,
    takenAt: manifest?.takenAt,
    state:
      has('damaged') || point.state === 'damaged'
        ? 'damaged'
        : point.state === 'incomplete'
          ? 'incomplete'
          : has('unverified')
            ? 'unverified'
            : 'intact',
    reasons: [...new Set([...point.faults, ...found.flatMap(({ reasons }) => reasons)])],
  };
}

function linkIdOf({ linkId }: { linkId: string }): string {
  return linkId;
}
