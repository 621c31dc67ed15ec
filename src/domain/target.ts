import type { ImageLocation } from './disk.ts';

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
