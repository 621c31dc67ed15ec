import { systemClock, type Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { authorize, type Caller } from '../../domain/access.ts';
import type { Protection, ProtectionState } from '../../domain/protection.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import type { VolumePageFilter } from '../../drivers/openstack/cinder.ts';
import type { Page, PageRequest } from '../page.ts';
import { protectionsOf, unknownProtection } from '../protections.ts';
import type { InventoryDeps } from './deps.ts';
import { findVolume } from './find-by-name.ts';
import { filteredPage, orderedPage } from './ordered-page.ts';
import { assertOwnMarker, unknownMarker } from './own-marker.ts';
import { projectOf, type ProjectScope } from './project-scope.ts';
import { protectionOrder, type ProtectionSort } from './source-order.ts';

export interface VolumeFilter extends PageRequest, ProjectScope {
  name: string | undefined;
  /** Part of the name, in upper or lower case. */
  search?: string | undefined;
  protection?: ProtectionState | undefined;
  /** The newest first when undefined. */
  sort?: VolumeSort | undefined;
}

export interface VolumeSort {
  by: 'name' | 'size' | 'status' | ProtectionSort;
  direction: 'asc' | 'desc';
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
  filter: VolumeFilter,
): Promise<Page<VolumeSummary>> {
  const { limit, marker, name, search, protection, sort, projectId: asked, allProjects } = filter;
  const projectId = projectOf(caller, { projectId: asked, allProjects }, 'volumes');
  const everywhere = { allProjects: true, projectId } as const;
  const order = protectionOrder<VolumeSummary>(sort);
  // Cinder finds names by their parts only where its operator has allowed it.
  const part = search?.toLowerCase();
  const keep = (item: VolumeSummary): boolean =>
    (protection === undefined || item.protection.state === protection) &&
    (part === undefined || item.name.toLowerCase().includes(part));
  const read = async (page: PageRequest): Promise<Page<VolumeSummary>> => {
    const request = { ...everywhere, name, sort: cinderSort(sort), limit: page.limit, marker: page.marker };
    const { volumes, nextMarker } = await deps.cinder.listVolumesPage(request);
    return { items: await summarizeVolumes(deps, volumes), nextMarker };
  };
  if (order !== undefined) {
    const found = marker === undefined ? [] : await deps.cinder.findVolumes(marker, everywhere);
    const [after] = await summarizeVolumes(deps, found);
    if (marker !== undefined && after?.id !== marker) throw unknownMarker(marker);
    return await orderedPage(read, { order, limit, after }, keep);
  }
  await assertOwnMarker(caller, marker, (id) => deps.cinder.findVolumes(id, everywhere));
  return protection === undefined && search === undefined
    ? await read({ limit, marker })
    : await filteredPage(read, { limit, marker }, keep);
}

function cinderSort(sort: VolumeSort | undefined): VolumePageFilter['sort'] {
  const by = (['name', 'size', 'status'] as const).find((one) => one === sort?.by);
  return sort === undefined || by === undefined ? undefined : `${by}:${sort.direction}`;
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
