/** The parts of the API's answers that the command line reads. */

export interface WireInstance {
  id: string;
  name: string;
  status: string;
  project_id: string;
  last_point: { id: string; taken_at: string } | null;
  protection: WireProtection | null;
}

export interface WireProtection {
  state: string;
  reason: string;
  policy: string | null;
}

export interface WireDisk {
  key: string;
  kind: string;
  pool: string;
  image: string;
  size_bytes: number | null;
  volume: { id: string; name: string } | null;
  attachment: { device: string | null; is_root: boolean } | null;
}

export interface WireInstanceDetail extends Omit<WireInstance, 'last_point' | 'protection'> {
  availability_zone: string | null;
  flavor: { original_name: string };
  metadata: Record<string, string>;
  tags: string[];
  disks: WireDisk[];
  points: WirePoint[];
}

export interface WirePoint {
  id: string;
  kind: 'instance' | 'volume' | 'image';
  source_id: string;
  source_name: string;
  project_id: string | null;
  taken_at: string;
  state: string;
  type: string;
  disks: number;
  size_bytes: number;
  stored_bytes: number;
  store: string;
  last_verified: { at: string; level: string; outcome: string } | null;
  last_proven: string | null;
}

export interface WirePointDetail extends Omit<WirePoint, 'disks'> {
  store_id: string;
  spread_ms: number;
  consistency: string;
  paused_ms: number | null;
  disks: WireDisk[];
  links: {
    id: string;
    disk_key: string;
    kind: string;
    depth: number;
    snapshot: string;
    stored_bytes: number;
    store: string;
  }[];
}

export type WireJobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface WireJob {
  id: string;
  kind: string;
  state: WireJobState;
  project_id: string | null;
  target: Record<string, unknown>;
  step: string | null;
  progress: { bytes_done: number; bytes_total: number | null } | null;
  attempt: number;
  request_id: string;
  cancel_requested: boolean;
  result: Record<string, unknown> | null;
  error: { type: string; message: string; details: Record<string, unknown> } | null;
  requested_by: { user_name: string };
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface WireJobEvent {
  id: number;
  job_id: string;
  at: string;
  kind: 'step' | 'progress' | 'log' | 'state';
  data: Record<string, unknown>;
}

export interface WireRestoredDisk {
  disk_key: string;
  size_bytes: number;
  image: string;
  new_volume_id: string | null;
  new_volume_type: string | null;
  replaced_volume_id: string | null;
  kept_image: string | null;
  kept_snapshot: string | null;
  device: string | null;
  notes: string[];
}

/** A restore that was begun. */
export interface WireRestore {
  id: string;
  job_id: string;
  point_id: string;
  mode: string;
  state: string;
  created_at: string;
  finished_at: string | null;
  undo_until: string | null;
  requested_by: { user_id: string; user_name: string } | null;
  approval: {
    pending_until: string;
    decided_by: { user_name: string } | null;
    decided_at: string | null;
    reason: string | null;
  } | null;
  undo_job_id: string | null;
  undone_at: string | null;
  progress: WireJob['progress'];
  disks: WireRestoredDisk[];
  instance: { id: string; name: string; flavor: string; notes: string[] } | null;
}

/** A restore that perhaps waits for an approval, and then has no job. */
export type WireAskedRestore = Omit<WireRestore, 'job_id'> & { job_id: string | null };

export interface WirePool {
  cluster: string;
  pool: string;
  images: number;
  used_bytes: number;
  available_bytes: number;
}

export interface WireImage {
  cluster: string;
  pool: string;
  image: string;
  image_id: string;
  size_bytes: number;
  snapshots: number;
  watchers: number;
  disk_key: string;
}

export interface WireSnapshot {
  id: number;
  name: string;
  size_bytes: number;
  created_at: string | null;
  protected: boolean;
  ours: boolean;
}

export interface WireError {
  error: { code: number; title: string; message: string; type: string; details: Record<string, unknown> };
}
