import { jobStates } from './job.ts';

/**
 * - `image`: a fresh image in the backups pool, nothing else.
 * - `volume`: a new Cinder volume in the owner's project.
 * - `replace`: as `volume`, then swapped for the instance's data volume; the old volume is kept.
 * - `in-place`: the disk itself, root disks too, under its own name and id; the image that it had is kept.
 * - `instance`: as `volume`, then a new instance of them like the one that was, which may be gone.
 */
export const restoreModes = ['image', 'volume', 'replace', 'in-place', 'instance'] as const;
export type RestoreMode = (typeof restoreModes)[number];

/** As its job's, until an undo has taken it back; one that must be approved has no job before, and perhaps never one. */
export const restoreStates = ['pending', 'rejected', 'expired', ...jobStates, 'undone'] as const;
export type RestoreState = (typeof restoreStates)[number];

/** Which point: by id, or the newest one of a source taken at or before an instant. */
export type PointSelector =
  | { pointId: string }
  | { sourceKind: 'instance' | 'volume' | 'image'; nameOrId: string; at: Date | 'latest' };

export interface RestoreRequest {
  point: PointSelector;
  mode: RestoreMode;
  /** Disks by volume id, disk key or device name; empty means all that the mode can restore. */
  disks: string[];
  /** Name of the new volume, image or instance; undefined makes one from the source's name and the point's time. */
  name: string | undefined;
  /** Link by link, as by hand, instead of flattened. */
  plain: boolean;
  /** For mode `instance`. */
  instance?: InstanceChoices | undefined;
}

/** What a new instance is to have instead of what was recorded; names or ids. */
export interface InstanceChoices {
  flavor?: string | undefined;
  /** Ports on these networks instead of the recorded ports; an empty list is no network at all. */
  networks?: string[] | undefined;
  keyName?: string | undefined;
  availabilityZone?: string | undefined;
}

/** What mode `instance` made. */
export interface RestoredInstance {
  instanceId: string;
  name: string;
  flavor: string;
  /** What came out otherwise than recorded, such as a network address that is taken. */
  notes: string[];
}

/** What a finished restore made, one a disk. */
export interface RestoredDisk {
  diskKey: string;
  sizeBytes: number;
  /** `pool/image` where the restored data lives now. */
  image: string;
  newVolumeId?: string;
  newVolumeType?: string;
  replacedVolumeId?: string;
  /** `pool/image` where mode `in-place` keeps what was there before, until it is undone or its undo expires. */
  keptImage?: string | undefined;
  /** `pool/image@snapshot` where it does so when the bytes were written into the image that was there. */
  keptSnapshot?: string | undefined;
  device?: string;
  /** What came out otherwise than recorded, such as a volume type that is gone. */
  notes: string[];
}

/** Name of the image that a restore makes for its n-th disk: it holds the restore's id, so that a stray one is known. */
export function freshImageName(restoreId: string, index: number): string {
  return `restore-${restoreId}-${index}`;
}

const freshImagePattern = /^restore-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+$/;

export function isFreshImageName(image: string): boolean {
  return freshImagePattern.test(image);
}

/** The restore whose id is in the name of a fresh image; undefined for other names. */
export function restoreIdOfImage(image: string): string | undefined {
  return freshImagePattern.exec(image)?.[1];
}

/** Name that the image of the n-th disk gets when an in-place restore puts another one in its place. */
export function keptImageName(restoreId: string, index: number): string {
  return `emberkeep-undo-${restoreId}-${index}`;
}

export function isKeptImageName(image: string): boolean {
  return /^emberkeep-undo-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+$/.test(image);
}

/** Modes that change something which is in use; each can be undone until it expires. */
export function isDestructive(mode: RestoreMode): boolean {
  return mode === 'replace' || mode === 'in-place';
}
