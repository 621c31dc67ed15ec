import {
  lossCodes,
  plannedStepCodes,
  plannedStepKinds,
  type PlannedRestore,
} from '../../../domain/planned-restore.ts';
import type { RestoreProblem } from '../../../domain/restore-problem.ts';
import { bytes, timestamp } from '../schemas/common.ts';
import { remedyCodes, remedyOf } from '../../../domain/remedies.ts';
import { presentNotes, presentParams, saidNoteSchema, saidParams } from '../schemas/said-params.ts';
import { z } from '../zod.ts';
import { pointKind } from './point.ts';
import { restoreMode } from './restore.ts';

const problemSchema = z
  .strictObject({
    code: z.string().openapi({ description: 'Of the error that it would be alone.' }),
    what: z.string(),
    remedy: z.string().openapi({ description: 'What to do about it, in English.' }),
    remedy_code: z.enum(remedyCodes).nullable().openapi({ description: 'null for words that have none.' }),
    remedy_params: saidParams,
    disk_key: z.string().nullable(),
  })
  .openapi('RestoreProblem');

const stepSchema = z
  .strictObject({
    kind: z.enum(plannedStepKinds),
    code: z.enum(plannedStepCodes),
    params: saidParams,
    text: z.string().openapi({ description: 'One sentence for people, in English.' }),
    disk_key: z.string().nullable(),
    instance_id: z.string().nullable(),
    volume_id: z.string().nullable(),
  })
  .openapi('PlannedStep');

const diskSchema = z
  .strictObject({
    disk_key: z.string(),
    device: z.string().nullable(),
    size_bytes: bytes,
    read_bytes: bytes.openapi({ description: 'Fetched from the store, as stored.' }),
    written_bytes: bytes.openapi({ description: 'Live at the point.' }),
  })
  .openapi('PlannedDisk');

const lossSchema = z
  .strictObject({
    disk_key: z.string(),
    changed_bytes: bytes.nullable().openapi({
      description:
        'At most so much was written since the point, in whole objects of the image; null when that cannot be told.',
    }),
    unsaved_bytes: bytes
      .nullable()
      .openapi({ description: 'The same since the newest point of the disk: what no point has.' }),
    code: z.enum(lossCodes),
    params: saidParams,
    text: z.string().openapi({ description: 'Where it can still be had, in English.' }),
  })
  .openapi('PlannedLoss');

export const plannedRestoreSchema = z
  .strictObject({
    point_id: z.string(),
    kind: pointKind,
    source_name: z.string(),
    project_id: z.string().nullable(),
    taken_at: timestamp,
    mode: restoreMode,
    possible: z.boolean(),
    problems: z.array(problemSchema).openapi({ description: 'All that stands against it.' }),
    steps: z.array(stepSchema).openapi({ description: 'In their order; empty when it is not possible.' }),
    disks: z.array(diskSchema),
    read_bytes: bytes,
    written_bytes: bytes,
    duration_seconds: z.number().min(0).nullable().openapi({
      description: 'Roughly, by earlier restores of this mode; null when there was none.',
    }),
    stopped_seconds: z.number().min(0).nullable().openapi({
      description: 'Of it, with the instance off; null when it is not known, or none is stopped.',
    }),
    measured_restores: z.int().min(0).openapi({ description: 'Earlier restores that say so.' }),
    losses: z.array(lossSchema).openapi({ description: 'Empty when nothing is lost.' }),
    undo_days: z.number().min(0).nullable().openapi({
      description: 'For how long it can be undone; null for what leaves everything that is there as it is.',
    }),
    later_point_at: timestamp
      .nullable()
      .openapi({ description: 'When the newest point was taken, if it is a later one; it stays.' }),
    notes: z.array(z.string()).openapi({ description: 'What will be otherwise than recorded.' }),
    said_notes: z.array(saidNoteSchema).openapi({ description: 'The notes with their codes.' }),
  })
  .openapi('RestorePlan');

export function presentPlannedRestore(plan: PlannedRestore): z.input<typeof plannedRestoreSchema> {
  const { durationMs, stoppedMs, restores } = plan.duration;
  return {
    point_id: plan.pointId,
    kind: plan.kind,
    source_name: plan.sourceName,
    project_id: plan.projectId,
    taken_at: plan.takenAt.toISOString(),
    mode: plan.mode,
    possible: plan.possible,
    problems: plan.problems.map(presentProblem),
    steps: plan.steps.map(({ kind, code, params, text, diskKey, instanceId, volumeId }) => ({
      kind,
      code,
      params: presentParams(params),
      text,
      disk_key: diskKey ?? null,
      instance_id: instanceId ?? null,
      volume_id: volumeId ?? null,
    })),
    disks: plan.disks.map(({ diskKey, device, sizeBytes, readBytes, writtenBytes }) => ({
      disk_key: diskKey,
      device: device ?? null,
      size_bytes: sizeBytes,
      read_bytes: readBytes,
      written_bytes: writtenBytes,
    })),
    read_bytes: plan.readBytes,
    written_bytes: plan.writtenBytes,
    duration_seconds: toSeconds(durationMs),
    stopped_seconds: toSeconds(stoppedMs),
    measured_restores: restores,
    losses: plan.losses.map(({ diskKey, changedBytes, unsavedBytes, code, params, text }) => ({
      disk_key: diskKey,
      changed_bytes: changedBytes ?? null,
      unsaved_bytes: unsavedBytes ?? null,
      code,
      params: presentParams(params),
      text,
    })),
    undo_days: plan.undoDays ?? null,
    later_point_at: plan.laterPointAt?.toISOString() ?? null,
    notes: plan.notes,
    said_notes: presentNotes(plan.notes),
  };
}

function presentProblem({ code, what, remedy, diskKey }: RestoreProblem): z.input<typeof problemSchema> {
  const said = remedyOf(remedy);
  return {
    code,
    what,
    remedy,
    remedy_code: said?.code ?? null,
    remedy_params: said?.params ?? {},
    disk_key: diskKey ?? null,
  };
}

function toSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms / 100) / 10;
}
