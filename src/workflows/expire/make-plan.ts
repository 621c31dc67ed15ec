import { newId } from '../../base/ids.ts';
import type { DiskLink } from '../../drivers/catalog/expiry.ts';
import { choosePoints, type ExpireRule } from '../../domain/choose-points.ts';
import type { ExpireDeps } from './deps.ts';
import { planLinks } from '../../domain/plan-links.ts';
import type { ExpirePlan, SnapshotRelease } from './plan.ts';
import { readSource, type ExpireSource } from './read-source.ts';

export interface ExpireOptions extends ExpireRule {
  source: ExpireSource;
  /** Who asked, for the audit trail. */
  actor: Record<string, unknown>;
  requestId: string | undefined;
}

/**
 * To be called with the disks locked: points may have come, gone or been found damaged since this was asked for, and
 * then fewer go, never more.
 */
export async function makePlan(
  { catalog, now }: Pick<ExpireDeps, 'catalog' | 'now'>,
  options: ExpireOptions,
  diskKeys: string[],
): Promise<ExpirePlan> {
  const { points, links } = await readSource(catalog, options.source);
  const choices = choosePoints(points, links, options, await now());
  const pointIds = choices.filter(({ reasons }) => reasons.length === 0).map(({ point }) => point.id);
  const going = new Set(pointIds);
  const disks = planLinks(links, going, { fold: options.strategy === 'fold' });
  return {
    diskKeys,
    pointIds,
    deleted: false,
    releases: releasesOf(links, going),
    released: false,
    drops: disks.flatMap(({ drops }) => drops),
    dropBytes: disks.reduce((sum, { freesAtLeastBytes }) => sum + freesAtLeastBytes, 0),
    dropped: false,
    folds: disks.flatMap(({ diskKey, folds }) =>
      folds.map((linkIds) => ({
        diskKey,
        linkIds,
        newLinkId: newId(),
        storedBytes: links
          .filter(({ id }) => linkIds.includes(id))
          .reduce((sum, link) => sum + link.storedBytes, 0),
        state: 'planned' as const,
      })),
    ),
    stays: disks.flatMap(({ stays }) => stays),
    freedBytes: 0,
  };
}

/** I4: the snapshot of a head whose point goes is needed by no increment any more. */
function releasesOf(links: readonly DiskLink[], going: ReadonlySet<string>): SnapshotRelease[] {
  return links
    .filter(
      ({ pointId, pointState, snapshotReleasedAt }) =>
        snapshotReleasedAt === undefined && (pointState === 'deleted' || going.has(pointId)),
    )
    .map(({ diskKey, cluster, pool, image, imageId }) => ({
      diskKey,
      location: { cluster, pool, image },
      imageId,
    }));
}
