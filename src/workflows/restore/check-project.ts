/** Whether the project that shall get something is there and has room for it. */
import { AppError, type ErrorCode } from '../../base/errors.ts';
import type { FlavorDescription } from '../../domain/instance.ts';
import type { PointDisk } from '../../domain/manifest.ts';
import type { Findings } from './findings.ts';
import type { InstanceCloud } from './instance/deps.ts';

const gibBytes = 1024 ** 3;

/** False when nothing can be made in it. `whose` is what belonged to it, in words. */
export async function checkProject(
  cloud: Pick<InstanceCloud, 'project'>,
  { projectId, whose }: { projectId: string; whose: string },
  findings: Findings,
): Promise<boolean> {
  const project = await cloud.project(projectId);
  if (project?.enabled === true) return true;
  const message =
    project === undefined
      ? `project ${projectId}, which ${whose} belonged to, is gone, so nothing can be made in it; restore the disks with mode image`
      : `project ${project.name} (${projectId}), which ${whose} belongs to, is disabled; enable it, or restore the disks with mode image`;
  findings.refuse(new AppError('CONFLICT_PROJECT_GONE', message, { details: { projectId } }));
  return false;
}

export interface RoomNeeded {
  projectId: string;
  disks: readonly PointDisk[];
  /** Of a new instance. */
  flavor?: Pick<FlavorDescription, 'vcpus' | 'ramMib'>;
  code: ErrorCode;
}

/** Quotas: Cinder and Nova would say it only after everything was imported. */
export async function checkRoom(
  cloud: Pick<InstanceCloud, 'room'>,
  { projectId, disks, flavor, code }: RoomNeeded,
  findings: Findings,
): Promise<void> {
  const room = await cloud.room(projectId);
  const gib = ({ disk: { volume }, sizeBytes }: PointDisk): number =>
    // A LUKS header makes the image larger than Cinder says.
    volume?.encrypted === true
      ? volume.sizeGib
      : Math.max(volume?.sizeGib ?? 1, Math.ceil(sizeBytes / gibBytes));
  const needs = [
    ...(flavor === undefined
      ? []
      : [
          { what: 'instances', left: room.instances, need: 1 },
          { what: 'cores', left: room.cores, need: flavor.vcpus },
          { what: 'MiB of memory', left: room.ramMib, need: flavor.ramMib },
        ]),
    { what: 'volumes', left: room.volumes, need: disks.length },
    { what: 'GiB of volumes', left: room.volumeGib, need: disks.reduce((sum, disk) => sum + gib(disk), 0) },
  ];
  for (const { what, left, need } of needs) {
    if (left === undefined || left >= need) continue;
    const message = `the project's quota has room for ${left} more ${what}, and ${need} are needed; delete what is not needed, or have the quota raised`;
    findings.refuse(new AppError(code, message, { details: { projectId, what, left, need } }));
  }
}
