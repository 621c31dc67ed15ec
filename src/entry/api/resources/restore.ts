import { restoreModes, restoreStates } from '../../../domain/restore.ts';
import type { RestoredDisk, RestoredInstance } from '../../../domain/restore.ts';
import type { Restore, RestoreApproval } from '../../../workflows/operations.ts';
import { bytes, orNull, timestamp } from '../schemas/common.ts';
import { z } from '../zod.ts';
import { presentNotes, saidNoteSchema } from '../schemas/said-params.ts';
import { presentProgress, progressSchema } from './job.ts';
import { presentRequester, requesterSchema } from './requester.ts';

export const restoreMode = z.enum(restoreModes);

const restoredDiskSchema = z
  .strictObject({
    disk_key: z.string(),
    size_bytes: bytes,
    image: z.string(),
    new_volume_id: z.string().nullable(),
    new_volume_type: z.string().nullable(),
    replaced_volume_id: z.string().nullable(),
    kept_image: z.string().nullable().openapi({
      description: 'Where mode in-place keeps what was there before, until it is undone or its undo expires.',
    }),
    kept_snapshot: z.string().nullable().openapi({
      description: 'Where mode in-place does so when it wrote into the image that was there.',
    }),
    device: z.string().nullable(),
    notes: z.array(z.string()),
    said_notes: z.array(saidNoteSchema).openapi({ description: 'The notes with their codes.' }),
  })
  .openapi('RestoredDisk');

const restoredInstanceSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    flavor: z.string(),
    notes: z.array(z.string()).openapi({ description: 'What came out otherwise than recorded.' }),
    said_notes: z.array(saidNoteSchema).openapi({ description: 'The notes with their codes.' }),
  })
  .openapi('RestoredInstance');

const approvalSchema = z
  .strictObject({
    pending_until: timestamp.openapi({ description: 'Until when it could be approved.' }),
    decided_by: orNull(requesterSchema).openapi({ description: 'Who approved, rejected or withdrew it.' }),
    decided_at: timestamp.nullable(),
    reason: z.string().nullable(),
  })
  .openapi('RestoreApproval');

export const restoreSchema = z
  .strictObject({
    id: z.string(),
    job_id: z
      .string()
      .nullable()
      .openapi({ description: 'null while it waits for an approval, and if it got none.' }),
    point_id: z.string(),
    source_name: z.string().nullable().openapi({ description: 'What the point is of, by its name then.' }),
    mode: restoreMode,
    project_id: z.string().nullable(),
    state: z.enum(restoreStates),
    created_at: timestamp,
    finished_at: timestamp.nullable(),
    undo_until: timestamp.nullable().openapi({
      description: 'Until when it can be undone; null for what cannot be, or not any more.',
    }),
    requested_by: orNull(requesterSchema),
    approval: orNull(approvalSchema).openapi({ description: 'null for one that needed no approval.' }),
    undo_job_id: z.string().nullable(),
    undone_at: timestamp.nullable(),
    progress: orNull(progressSchema).openapi({
      description: 'Of the job that works on it now, its own or its undo; null when none does.',
    }),
    disks: z.array(restoredDiskSchema),
    instance: orNull(restoredInstanceSchema).openapi({ description: 'What mode `instance` made.' }),
  })
  .openapi('Restore');

export function presentRestore(restore: Restore): z.input<typeof restoreSchema> {
  return {
    id: restore.id,
    job_id: restore.jobId,
    point_id: restore.pointId,
    source_name: restore.sourceName ?? null,
    mode: restore.mode,
    project_id: restore.projectId,
    state: restore.state,
    created_at: restore.createdAt.toISOString(),
    finished_at: restore.finishedAt?.toISOString() ?? null,
    undo_until: restore.undoUntil?.toISOString() ?? null,
    requested_by: restore.requestedBy === undefined ? null : presentRequester(restore.requestedBy),
    approval: restore.approval === undefined ? null : presentApproval(restore.approval),
    undo_job_id: restore.undoJobId ?? null,
    undone_at: restore.undoneAt?.toISOString() ?? null,
    progress: restore.progress === undefined ? null : presentProgress(restore.progress),
    disks: restore.disks.map(presentRestoredDisk),
    instance: restore.instance === undefined ? null : presentInstance(restore.instance),
  };
}

function presentApproval(approval: RestoreApproval): z.input<typeof approvalSchema> {
  const { pendingUntil, decidedBy, decidedAt, reason } = approval;
  return {
    pending_until: pendingUntil.toISOString(),
    decided_by: decidedBy === undefined ? null : presentRequester(decidedBy),
    decided_at: decidedAt?.toISOString() ?? null,
    reason: reason ?? null,
  };
}

function presentInstance({
  instanceId: id,
  name,
  flavor,
  notes,
}: RestoredInstance): z.input<typeof restoredInstanceSchema> {
  return { id, name, flavor, notes, said_notes: presentNotes(notes) };
}

function presentRestoredDisk(disk: RestoredDisk): z.input<typeof restoredDiskSchema> {
  return {
    disk_key: disk.diskKey,
    size_bytes: disk.sizeBytes,
    image: disk.image,
    new_volume_id: disk.newVolumeId ?? null,
    new_volume_type: disk.newVolumeType ?? null,
    replaced_volume_id: disk.replacedVolumeId ?? null,
    kept_image: disk.keptImage ?? null,
    kept_snapshot: disk.keptSnapshot ?? null,
    device: disk.device ?? null,
    notes: disk.notes,
    said_notes: presentNotes(disk.notes),
  };
}
