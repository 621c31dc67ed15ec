import { systemClock, type Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Protection } from '../../domain/protection.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import type { Page, PageRequest } from '../page.ts';
import { protectionsOf, unknownProtection } from '../protections.ts';
import type { InventoryDeps } from './deps.ts';
import { findVolume } from './find-by-name.ts';
import { assertOwnMarker } from './own-marker.ts';
import { projectOf, type ProjectScope } from './project-scope.ts';

export interface VolumeFilter extends PageRequest, ProjectScope {
  name: string | undefined;
}

export interface VolumeSummary {
  id: string;
  name: string;
  status: string;
  projectId: string;
  sizeGib: number;
  /** Instances that it is attached to. */
  instanceIds: string[];
  /** Newest complete point, its own or of an instance that it was part of. */
  lastPoint: { id: string; takenAt: Date } | undefined;
  protection: Protection;
}

type Deps = Pick<InventoryDeps, 'cinder'> & { catalog: Pick<Catalog, 'coverage'>; clock?: Clock };

export async function listVolumes(
  deps: Deps,
  caller: Caller,
  { limit, marker, name, projectId: asked, allProjects }: VolumeFilter,
): Promise<Page<VolumeSummary>> {
  const projectId = projectOf(caller, { projectId: asked, allProjects }, 'volumes');
  const everywhere = { allProjects: true, projectId } as const;
  await assertOwnMarker(caller, marker, (id) => deps.cinder.findVolumes(id, everywhere));
  const page = await deps.cinder.listVolumesPage({ ...everywhere, name, limit, marker });
  return { items: await summarizeVolumes(deps, page.volumes), nextMarker: page.nextMarker };
}

export async function showVolume(deps: Deps, caller: Caller, nameOrId: string): Promise<VolumeSummary> {
  const volume = await findVolume(deps, caller, nameOrId);
  authorize(caller, 'read', volume.description.projectId, `volume "${nameOrId}"`);
  return await summarizeVolume(deps, volume);
}

async function summarizeVolume(deps: Deps, volume: Volume): Promise<VolumeSummary> {
  const [summary] = await summarizeVolumes(deps, [volume]);
  if (summary === undefined) throw new AppError('BUG_VOLUME', 'one volume has no summary');
  return summary;
}

async function summarizeVolumes(
  { catalog, clock = systemClock }: Pick<Deps, 'catalog' | 'clock'>,
  volumes: readonly Volume[],
): Promise<VolumeSummary[]> {
  const now = clock.now();
  const rows = await catalog.coverage.ofVolumes(
    volumes.map(({ description: { id }, attachments }) => ({ id, instanceId: attachments[0]?.serverId })),
  );
  const known = protectionsOf(rows, now);
  return volumes.map(({ description: { id, name, projectId, sizeGib }, status, attachments }) => ({
    id,
    name,
    status,
    projectId,
    sizeGib,
    instanceIds: attachments.map(({ serverId }) => serverId),
    ...(known.get(id) ?? unknownProtection(now)),
  }));
}
