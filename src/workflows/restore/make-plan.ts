/** Everything that a restore will do, decided before the first change (I5). */
import { AppError } from '../../base/errors.ts';
import type { Disk } from '../../domain/disk.ts';
import type { LinkManifest, PointManifest } from '../../domain/manifest.ts';
import { freshImageName, type RestoreMode } from '../../domain/restore.ts';
import { chooseBackend } from './choose-backend.ts';
import { planInstance, type InstanceOptions } from './instance/plan-instance.ts';
import { originMark, originOf, type RestoreDeps } from './deps.ts';
import { makeSwaps } from './in-place/make-swaps.ts';
import type { ReplacementPlan, RestoreDiskPlan, RestorePlan, VolumePlan } from './plan.ts';
import { selectDisks } from './select-disks.ts';

type Deps = Pick<RestoreDeps, 'catalog' | 'cloud' | 'instances' | 'rbd' | 'backupsPool'>;

export interface RestoreOptions extends InstanceOptions {
  pointId: string;
  mode: RestoreMode;
  disks: string[];
  /** Import link by link; undefined means flattened. */
  plain?: boolean | undefined;
  /** Project of the one who asks, for disks that belong to none. */
  callerProjectId: string | undefined;
}

const gibBytes = 1024 ** 3;

export async function makePlan(deps: Deps, options: RestoreOptions): Promise<RestorePlan> {
  const { restoreId, pointId, mode } = options;
  const point = await deps.catalog.point(pointId);
  const selected = selectDisks(point.disks, mode, options.disks);
  await deps.rbd.checkPool(deps.backupsPool.cluster, deps.backupsPool.pool);
  const instance =
    mode === 'instance' ? await planInstance(deps.instances, options, point, selected) : undefined;
  const disks: RestoreDiskPlan[] = [];
  for (const [index, { disk, linkId }] of selected.entries()) {
    const chain = await deps.catalog.chainOf(linkId);
    const plan = diskPlan(deps, options, { disk, index, chain });
    const isBare = mode === 'image' || mode === 'in-place';
    disks.push(isBare ? plan : await withVolume(deps, options, point, plan, selected.length));
  }
  const projectId = point.projectId ?? undefined;
  const swaps = mode === 'in-place' ? await makeSwaps(deps, { restoreId, projectId, disks }) : { disks };
  return {
    restoreId,
    pointId,
    mode,
    ...(options.plain === true ? { plain: true } : {}),
    ...swaps,
    ...(instance === undefined ? {} : { instance }),
  };
}

function diskPlan(
  { backupsPool }: Deps,
  { restoreId }: RestoreOptions,
  { disk, index, chain }: { disk: Disk; index: number; chain: LinkManifest[] },
): RestoreDiskPlan {
  const last = chain.at(-1);
  if (last === undefined)
    throw new AppError('INTEGRITY_CHAIN', `${disk.key}: the catalog has no chain for this point`);
  return {
    disk,
    linkIds: chain.map(({ linkId }) => linkId),
    sizeBytes: last.source.sizeBytes,
    objectSizeBytes: last.source.objectSizeBytes,
    fresh: { ...backupsPool, image: freshImageName(restoreId, index) },
    imported: false,
    notes: [],
  };
}

async function withVolume(
  deps: Deps,
  options: RestoreOptions,
  point: PointManifest,
  plan: RestoreDiskPlan,
  disks: number,
): Promise<RestoreDiskPlan> {
  const { disk } = plan;
  const projectId = point.projectId ?? options.callerProjectId;
  if (projectId === undefined) {
    throw new AppError(
      'INPUT_NO_PROJECT',
      'the new volume would belong to no project; use a token scoped to a project',
    );
  }
  const [backends, types] = [await deps.cloud.listBackends(), await deps.cloud.volumeTypes(projectId)];
  const chosen = chooseBackend({ recorded: disk.volume, backends, types, backupsPool: deps.backupsPool });
  const volume: VolumePlan = {
    ...recordedVolume(plan, point),
    projectId,
    name: volumeName(options, point, plan, disks),
    volumeType: chosen.volumeType,
    cinderHost: chosen.backend.host,
    location: { ...chosen.backend.location, image: plan.fresh.image },
    moved: false,
  };
  const next = { ...plan, volume, notes: chosen.notes };
  return options.mode === 'replace' ? await withReplacement(deps, projectId, next) : next;
}

type RecordedVolume = Pick<
  VolumePlan,
  'sizeGib' | 'bootable' | 'metadata' | 'imageMetadata' | 'description' | 'availabilityZone'
>;

/** What the volume was; Nova's own disks and bare images were none, so only their size and place are known. */
function recordedVolume({ disk, sizeBytes }: RestoreDiskPlan, { instance }: PointManifest): RecordedVolume {
  const neededGib = Math.max(1, Math.ceil(sizeBytes / gibBytes));
  const { volume } = disk;
  if (volume === undefined) {
    const bootable = disk.attachment?.isRoot ?? false;
    const imageMetadata = bootable ? (instance?.imageProperties ?? {}) : {};
    return { sizeGib: neededGib, bootable, metadata: {}, imageMetadata };
  }
  const { bootable, metadata, imageMetadata, description, availabilityZone } = volume;
  return {
    sizeGib: Math.max(volume.sizeGib, neededGib),
    bootable,
    metadata: { ...metadata, [originMark]: originOf(volume) },
    imageMetadata,
    ...(description === undefined ? {} : { description }),
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
  };
}

/** `web-01-data` of 10:15 becomes `web-01-data-20261122T1015`; a given name gets a number when there are several disks. */
function volumeName(
  options: RestoreOptions,
  point: PointManifest,
  { disk, fresh }: RestoreDiskPlan,
  disks: number,
): string {
  // The name is the instance's where there is one.
  if (options.name !== undefined && options.mode !== 'instance')
    return disks === 1 ? options.name : `${options.name}-${fresh.image.split('-').at(-1) ?? ''}`;
  const stamp = point.takenAt.slice(0, 16).replace(/[-:]/g, '');
  return `${disk.volume?.name ?? point.sourceName}-${stamp}`.replace(/^-/, 'volume-').slice(0, 255);
}

async function withReplacement(
  { cloud }: Deps,
  projectId: string,
  plan: RestoreDiskPlan,
): Promise<RestoreDiskPlan> {
  const { volume, attachment } = plan.disk;
  if (volume === undefined || attachment === undefined)
    throw new AppError('BUG_REPLACEMENT', 'replace needs an attached volume');
  const { instanceId } = attachment;
  const status = await cloud.instanceStatus(projectId, instanceId);
  if (status === undefined) {
    throw new AppError(
      'CONFLICT_INSTANCE_GONE',
      `instance ${instanceId} is gone, so no volume of it can be replaced; restore with mode volume`,
    );
  }
  const current =
    (await cloud.findAttachment(projectId, instanceId, volume.id)) ??
    (await cloud.findAttachmentByMark(projectId, instanceId, {
      key: originMark,
      value: originOf(volume),
      device: attachment.device,
    }));
  if (current?.isRoot === true)
    throw new AppError(
      'INPUT_ROOT_DISK',
      `volume ${current.volumeId} is the instance's root disk now, which Nova never detaches; restore with mode volume`,
    );
  const like = current ?? attachment;
  const replacement: ReplacementPlan = {
    instanceId,
    oldVolumeId: current?.volumeId ?? volume.id,
    ...(like.device === undefined ? {} : { device: like.device }),
    ...(like.tag === undefined ? {} : { tag: like.tag }),
    deleteOnTermination: like.deleteOnTermination,
    oldWasAttached: current !== undefined,
    detached: false,
    attached: false,
  };
  const notes =
    current === undefined ? [`volume ${volume.id} was not attached any more; nothing was detached`] : [];
  return { ...plan, replacement, notes: [...plan.notes, ...notes] };
}
