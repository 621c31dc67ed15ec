/** Everything that a restore will do, decided before the first change (I5). */
import { AppError } from '../../base/errors.ts';
import type { Disk } from '../../domain/disk.ts';
import type { LinkManifest, PointDisk, PointManifest } from '../../domain/manifest.ts';
import { freshImageName, type RestoreMode } from '../../domain/restore.ts';
import { checkProject, checkRoom } from './check-project.ts';
import { chooseBackend } from './choose-backend.ts';
import { Findings } from './findings.ts';
import { planInstance, type InstanceOptions } from './instance/plan-instance.ts';
import { describedInstance } from './instance/select.ts';
import { originMark, originOf, type CinderBackend, type RestoreDeps, type VolumeTypeNow } from './deps.ts';
import { makeSwaps } from './in-place/make-swaps.ts';
import type { RestoreDiskPlan, RestorePlan, VolumePlan } from './plan.ts';
import { planReplacement } from './plan-replacement.ts';
import { gatherDisks } from './select-disks.ts';

type Deps = Pick<RestoreDeps, 'cloud' | 'instances' | 'rbd' | 'backupsPool'> & {
  catalog: Pick<RestoreDeps['catalog'], 'point' | 'chainOf'>;
};

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
  const { plan, findings, subject } = await draftPlan(deps, options);
  findings.settle(subject);
  return plan;
}

/** What a restore would do; only to be done when the findings have no problem: then nothing of it is missing. */
export interface DraftPlan {
  point: PointManifest;
  plan: RestorePlan;
  findings: Findings;
  /** What would be made, for messages. */
  subject: string;
}

/** Looks at everything and changes nothing: what a run does, and what is shown beforehand, is decided here alone. */
export async function draftPlan(
  deps: Deps,
  options: RestoreOptions,
  findings = new Findings(),
): Promise<DraftPlan> {
  const { restoreId, pointId, mode } = options;
  const point = await deps.catalog.point(pointId);
  const selected = gatherDisks(point.disks, mode, options.disks, findings);
  await deps.rbd.checkPool(deps.backupsPool.cluster, deps.backupsPool.pool);
  const projectId = await findProject(deps, options, { point, disks: selected }, findings);
  const instance = await draftInstance(deps, options, { point, disks: selected }, findings);
  const plans: RestoreDiskPlan[] = [];
  for (const [index, { disk, linkId }] of selected.entries())
    plans.push(diskPlan(deps, options, { disk, index, chain: await deps.catalog.chainOf(linkId) }));
  const disks = await draftVolumes(deps, options, { point, plans, projectId }, findings);
  const swaps =
    mode === 'in-place'
      ? await makeSwaps(deps, { restoreId, projectId: point.projectId ?? undefined, disks, findings })
      : { disks };
  const plan: RestorePlan = {
    restoreId,
    pointId,
    mode,
    ...(options.plain === true ? { plain: true } : {}),
    ...swaps,
    ...(instance === undefined ? {} : { instance }),
  };
  return { point, plan, findings, subject: subjectOf(options, point, instance?.name) };
}

function subjectOf({ mode, name }: RestoreOptions, point: PointManifest, chosen: string | undefined): string {
  if (mode !== 'instance') return `a restore of point ${point.pointId} with mode ${mode}`;
  const { name: recorded, id } = point.instance ?? { name: point.sourceName, id: point.sourceId };
  return `instance ${chosen ?? name ?? recorded}, like ${recorded} (${id}) in point ${point.pointId},`;
}

interface Pointed {
  point: PointManifest;
  disks: readonly PointDisk[];
}

/** The project that gets new volumes; undefined for modes that make none, or when it cannot get them. */
async function findProject(
  { instances }: Deps,
  { mode, callerProjectId }: RestoreOptions,
  { point, disks }: Pointed,
  findings: Findings,
): Promise<string | undefined> {
  if (mode === 'image' || mode === 'in-place') return undefined;
  const projectId = point.projectId ?? callerProjectId;
  if (projectId === undefined) {
    findings.refuse(
      new AppError(
        'INPUT_NO_PROJECT',
        'the new volume would belong to no project; use a token scoped to a project',
      ),
    );
    return undefined;
  }
  // Mode `instance` looks at its project itself, with more that must fit.
  if (mode === 'instance') return projectId;
  const whose = `${point.kind} ${point.sourceName}`;
  if (!(await checkProject(instances, { projectId, whose }, findings))) return undefined;
  await checkRoom(instances, { projectId, disks, code: 'LIMIT_OPENSTACK_QUOTA' }, findings);
  return projectId;
}

async function draftInstance(
  { instances }: Deps,
  options: RestoreOptions,
  { point, disks }: Pointed,
  findings: Findings,
): Promise<RestorePlan['instance']> {
  if (options.mode !== 'instance') return undefined;
  const instance = await findings.attempt(undefined, () => describedInstance(point));
  if (instance === undefined) return undefined;
  return await planInstance(instances, options, { point, instance, disks }, findings);
}

/** Each disk as a volume, where the mode makes volumes; those that cannot be are left out. */
async function draftVolumes(
  deps: Deps,
  options: RestoreOptions,
  {
    point,
    plans,
    projectId,
  }: { point: PointManifest; plans: RestoreDiskPlan[]; projectId: string | undefined },
  findings: Findings,
): Promise<RestoreDiskPlan[]> {
  if (options.mode === 'image' || options.mode === 'in-place') return plans;
  const disks: RestoreDiskPlan[] = [];
  if (plans.length === 0) return disks;
  if (projectId === undefined || findings.problems.some(({ code }) => code === 'CONFLICT_PROJECT_GONE'))
    return disks;
  const [backends, types] = [await deps.cloud.listBackends(), await deps.cloud.volumeTypes(projectId)];
  for (const plan of plans) {
    const made = await findings.attempt(plan.disk.key, () =>
      withVolume(deps, options, { point, plan, projectId, disks: plans.length, backends, types }),
    );
    if (made !== undefined) disks.push(made);
  }
  return disks;
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
  { point, plan, projectId, disks, backends, types }: VolumeWish,
): Promise<RestoreDiskPlan> {
  const { disk } = plan;
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
  return options.mode === 'replace' ? await planReplacement(deps, projectId, next) : next;
}

interface VolumeWish {
  point: PointManifest;
  plan: RestoreDiskPlan;
  projectId: string;
  /** How many disks are restored. */
  disks: number;
  backends: readonly CinderBackend[];
  types: readonly VolumeTypeNow[];
}

type RecordedVolume = Pick<
  VolumePlan,
  | 'sizeGib'
  | 'bootable'
  | 'metadata'
  | 'imageMetadata'
  | 'description'
  | 'availabilityZone'
  | 'encryptionKeyId'
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
  const { bootable, metadata, imageMetadata, description, availabilityZone, encryptionKeyId } = volume;
  return {
    // A LUKS header makes the image larger than Cinder says.
    sizeGib: volume.encrypted ? volume.sizeGib : Math.max(volume.sizeGib, neededGib),
    bootable,
    metadata: { ...metadata, [originMark]: originOf(volume) },
    imageMetadata,
    ...(description === undefined ? {} : { description }),
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
    ...(volume.encrypted && encryptionKeyId !== undefined ? { encryptionKeyId } : {}),
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
