/** What a plan says, as facts in the order in which somebody who decides wants them. Pure: the words are put in elsewhere. */
import type { RestorePlan } from '../api/types.ts';

export type PlanFact =
  | { kind: 'possible' }
  | { kind: 'impossible'; problems: number }
  | { kind: 'nothing-lost' }
  | { kind: 'nothing-written'; disk: string }
  | {
      kind: 'loss';
      disk: string;
      /** undefined when it cannot be told. */
      changedBytes: number | undefined;
      /** Of it, what no point has; undefined when that is all of it or cannot be told. */
      unsavedBytes: number | undefined;
      /** Where it can still be had. */
      said: Pick<RestorePlan['losses'][number], 'code' | 'params' | 'text'>;
    }
  | { kind: 'later-points'; newest: string }
  | { kind: 'stopped'; seconds: number | undefined }
  | { kind: 'runs-on' }
  | { kind: 'data'; readBytes: number; writtenBytes: number }
  | { kind: 'duration'; seconds: number; restores: number }
  | { kind: 'duration-unknown' }
  | { kind: 'undo'; days: number }
  | { kind: 'no-undo-needed' };

/** Everything that matters before one says yes: whether, what is lost, what stands still, how much, how long, the way back. */
export function planFacts(plan: RestorePlan): PlanFact[] {
  if (!plan.possible) return [{ kind: 'impossible', problems: plan.problems.length }];
  return [
    { kind: 'possible' },
    ...lossFacts(plan),
    standstill(plan),
    { kind: 'data', readBytes: plan.read_bytes, writtenBytes: plan.written_bytes },
    duration(plan),
    plan.undo_days === null ? { kind: 'no-undo-needed' } : { kind: 'undo', days: plan.undo_days },
  ];
}

function lossFacts({ losses, later_point_at: later }: RestorePlan): PlanFact[] {
  const lost: PlanFact[] = losses.length === 0 ? [{ kind: 'nothing-lost' }] : losses.map(lossFact);
  return later === null ? lost : [...lost, { kind: 'later-points', newest: later }];
}

function lossFact(loss: RestorePlan['losses'][number]): PlanFact {
  const { disk_key: disk, changed_bytes: changed, unsaved_bytes: unsaved, code, params, text } = loss;
  if (changed === 0) return { kind: 'nothing-written', disk };
  return {
    kind: 'loss',
    disk,
    changedBytes: changed ?? undefined,
    unsavedBytes: unsaved === null || unsaved === changed ? undefined : unsaved,
    said: { code, params, text },
  };
}

function standstill({ steps, stopped_seconds: seconds }: RestorePlan): PlanFact {
  const stops = steps.some(({ kind }) => kind === 'stop');
  return stops ? { kind: 'stopped', seconds: seconds ?? undefined } : { kind: 'runs-on' };
}

function duration({ duration_seconds: seconds, measured_restores: restores }: RestorePlan): PlanFact {
  return seconds === null ? { kind: 'duration-unknown' } : { kind: 'duration', seconds, restores };
}

/** Modes that change what is in use: the name is typed before they begin. */
export function isDestructive(mode: RestorePlan['mode']): boolean {
  return mode === 'replace' || mode === 'in-place';
}
