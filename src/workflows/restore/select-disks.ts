import { AppError } from '../../base/errors.ts';
import type { PointDisk } from '../../domain/manifest.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import type { Findings } from './findings.ts';
import { isFixedKey } from '../../domain/encryption-key.ts';
import { missingRoot } from './instance/select.ts';

/**
 * The disks that a restore of this mode is about and that can be restored so; what cannot is told to the findings, before
 * anything is done.
 */
export function gatherDisks(
  all: readonly PointDisk[],
  mode: RestoreMode,
  wanted: readonly string[],
  findings: Findings,
): PointDisk[] {
  const found = wanted.map((name) => find(all, name));
  for (const one of found) if (one instanceof AppError) findings.refuse(one);
  const named =
    wanted.length === 0
      ? all.filter((disk) => isDefault(disk, mode))
      : found.filter((one): one is PointDisk => !(one instanceof AppError));
  const selected = [...new Set(named)];
  if (selected.length === 0 && findings.problems.length === 0) {
    findings.refuse(
      new AppError(
        'INPUT_NO_DISK',
        `the point has no disk that mode ${mode} restores; it has ${all.map(describe).join(', ')}`,
      ),
    );
  }
  const possible = selected.filter((disk) => {
    const problem = problemWith(disk, mode);
    if (problem !== undefined) findings.refuse(problem, disk.disk.key);
    return problem === undefined;
  });
  if (mode === 'instance' && selected.length > 0) {
    const problem = missingRoot(selected);
    if (problem !== undefined) findings.refuse(problem);
  }
  return possible;
}

/** Without --disk, replace takes the data volumes: Nova never detaches a root disk. */
function isDefault({ disk }: PointDisk, mode: RestoreMode): boolean {
  return mode !== 'replace' || (disk.kind === 'volume' && disk.attachment?.isRoot === false);
}

function find(all: readonly PointDisk[], wanted: string): PointDisk | AppError {
  const matches = all.filter((candidate) => namesOf(candidate).includes(wanted));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const problem =
    only === undefined ? `the point has no disk "${wanted}"` : `"${wanted}" names several disks of the point`;
  return new AppError('INPUT_DISK', `${problem}; it has ${all.map(describe).join(', ')}`);
}

function namesOf({ disk }: PointDisk): string[] {
  const device = disk.attachment?.device;
  return [
    disk.key,
    ...(disk.volume === undefined ? [] : [disk.volume.id, disk.volume.name]),
    ...(device === undefined ? [] : [device, device.replace(/^\/dev\//, '')]),
  ].filter((name) => name !== '');
}

function describe({ disk }: PointDisk): string {
  const device = disk.attachment?.device;
  return `${disk.key}${device === undefined ? '' : ` (${device})`}`;
}

function problemWith(pointDisk: PointDisk, mode: RestoreMode): AppError | undefined {
  const { disk } = pointDisk;
  if (mode === 'image' || mode === 'in-place') return undefined;
  if (disk.volume?.encrypted === true && !isFixedKey(disk.volume.encryptionKeyId)) {
    return new AppError(
      'INPUT_ENCRYPTED',
      `${describe(pointDisk)} is encrypted with a key of its own, and Cinder would give a new volume another one, with which nobody can read it; restore it in place while the volume is there, or with mode image`,
    );
  }
  if (mode !== 'replace') return undefined;
  if (disk.attachment?.isRoot === true) {
    return new AppError(
      'INPUT_ROOT_DISK',
      `${describe(pointDisk)} is the root disk, which Nova never detaches; restore it with mode volume and boot from that`,
    );
  }
  if (disk.volume === undefined || disk.attachment === undefined) {
    return new AppError(
      'INPUT_NOT_ATTACHED',
      `${describe(pointDisk)} was not an attached Cinder volume, so there is nothing to replace; restore it with mode volume`,
    );
  }
  return undefined;
}
