import type { PointKind } from './manifest.ts';
import type { RestoreMode } from './restore.ts';
import type { RestoreProblem } from './restore-problem.ts';

/**
 * What a step does:
 * - `import`: a disk's data from the store into a fresh image; `move`: that image into another pool.
 * - `make`: a new volume, port or instance.
 * - `stop`, `start`: of an instance; `leave-off` says that one stays off.
 * - `detach`, `attach`: of a volume; `swap`: one image for another under a disk's name; `write-back`: what differs
 *   into the disk's own image.
 * - `keep`: what is there before stays, and for how long.
 */
export const plannedStepKinds = [
  'import',
  'move',
  'make',
  'stop',
  'detach',
  'attach',
  'swap',
  'write-back',
  'keep',
  'start',
  'leave-off',
] as const;
export type PlannedStepKind = (typeof plannedStepKinds)[number];

/** What a step says, for who puts it in another tongue; the parameters of each are in the sentence. */
export const plannedStepCodes = [
  'import-disk',
  'move-image',
  'make-volume',
  'make-encrypted-volume',
  'detach-volume',
  'attach-volume',
  'keep-volume',
  'stop-instance',
  'keep-instance-off',
  'start-instance',
  'leave-instance-off',
  'swap-image',
  'keep-image',
  'keep-snapshot',
  'write-back',
  'use-port',
  'make-port',
  'make-instance',
] as const;
export type PlannedStepCode = (typeof plannedStepCodes)[number];

/** Sizes end with `Bytes`; undefined, false and 0 mean that the part of the sentence is left out. */
export type SaidParams = Readonly<Record<string, string | number | boolean | undefined>>;

export interface PlannedStep {
  kind: PlannedStepKind;
  code: PlannedStepCode;
  params: SaidParams;
  /** One sentence for people, in English. */
  text: string;
  diskKey?: string | undefined;
  instanceId?: string | undefined;
  volumeId?: string | undefined;
}

/** Bytes of one disk. */
export interface PlannedDisk {
  diskKey: string;
  device: string | undefined;
  sizeBytes: number;
  /** Fetched from the store, as stored. */
  readBytes: number;
  /** Live at the point: written into the image. */
  writtenBytes: number;
}

export const lossCodes = ['stays-on-volume', 'stays-in-image', 'stays-in-snapshot'] as const;
export type LossCode = (typeof lossCodes)[number];

/** What a disk will not have any more, or what is in its place will not have. */
export interface PlannedLoss {
  diskKey: string;
  /** At most so many bytes were written since the point, in whole objects; undefined when that cannot be told. */
  changedBytes: number | undefined;
  /** The same since the newest point of the disk: what no point has. */
  unsavedBytes: number | undefined;
  /** Where what is lost can still be had. */
  code: LossCode;
  params: SaidParams;
  /** The same in English. */
  text: string;
}

export interface PlannedDuration {
  /** undefined without an earlier restore of this mode. */
  durationMs: number | undefined;
  /** Of it, with the instance off. */
  stoppedMs: number | undefined;
  /** Earlier restores that this is made of. */
  restores: number;
}

/** What a restore would do if it were asked for now. */
export interface PlannedRestore {
  pointId: string;
  kind: PointKind;
  sourceName: string;
  projectId: string | null;
  takenAt: Date;
  mode: RestoreMode;
  /** Nothing stands against it. */
  possible: boolean;
  problems: RestoreProblem[];
  /** In their order; empty when it is not possible. */
  steps: PlannedStep[];
  disks: PlannedDisk[];
  readBytes: number;
  writtenBytes: number;
  duration: PlannedDuration;
  /** Empty when nothing is lost. */
  losses: PlannedLoss[];
  /** How long it can be undone after its end; undefined when it changes nothing that is there. */
  undoDays: number | undefined;
  /** The newest point of the same source, when it is a later one; it stays, as all points do. */
  laterPointAt: Date | undefined;
  /** What will be otherwise than recorded. */
  notes: string[];
}
