import type { Disk, ImageLocation } from './disk.ts';
import type { InstanceDescription } from './instance.ts';

/** What a user asks to be backed up; names are resolved to ids before anything is recorded. */
export type BackupTarget =
  | { kind: 'instance'; nameOrId: string }
  | { kind: 'volume'; nameOrId: string }
  | { kind: 'image'; location: ImageLocation }
  | { kind: 'pool'; cluster: string; pool: string };

/** What a backup job works on: one thing, by id. */
export type ResolvedTarget =
  | { kind: 'instance'; id: string; name: string; projectId: string }
  | { kind: 'volume'; id: string; name: string; projectId: string }
  | { kind: 'image'; location: ImageLocation };

/** What OpenStack says of a target now, and where its disks are. */
export interface DescribedTarget {
  instance?: InstanceDescription;
  /** Instance or volume id, or `cluster/pool/image`. */
  sourceId: string;
  sourceName: string;
  projectId: string | null;
  disks: Disk[];
}
