/** Whether something could be brought back today, and why not, in words. Pure. */
import { AppError } from '../base/errors.ts';
import type { Policy } from './policy.ts';
import type { PolicySource } from './policy-assignment.ts';
import { nextRun } from './schedule.ts';

/** `stale`: there is a good point, but it is older than the policy's interval allows. */
export const protectionStates = ['protected', 'stale', 'unprotected'] as const;
export type ProtectionState = (typeof protectionStates)[number];

export interface Protection {
  state: ProtectionState;
  reason: string;
  /** Name of the policy that makes its points; undefined when none does. */
  policy: string | undefined;
  /** When that policy backs it up next; undefined when none does. */
  nextRunAt: Date | undefined;
  /** When the newest good point becomes, or became, too old; undefined without one. */
  staleAt: Date | undefined;
}

export interface ProtectionFacts {
  /** When the newest complete point was taken that the policy, if there is one, has put into its store. */
  lastPointAt: Date | undefined;
  /** The same in any store. */
  elsewhereAt?: Date | undefined;
  policy: Pick<Policy, 'name' | 'enabled' | 'spec'> | undefined;
  source: Pick<PolicySource, 'sourceId' | 'nextRunAt' | 'lastState' | 'lastError'> | undefined;
}

/** What was backed up by hand, and no policy renews, counts for so long. */
const byHandMs = 86_400_000;

export function protectionOf(
  { lastPointAt, elsewhereAt, policy, source }: ProtectionFacts,
  now: Date,
): Protection {
  const name = policy?.name;
  const say = (state: ProtectionState, reason: string, staleAt?: Date): Protection => ({
    state,
    reason,
    policy: name,
    nextRunAt: policy?.enabled === true ? source?.nextRunAt : undefined,
    staleAt,
  });
  if (policy === undefined || source === undefined || !policy.enabled) {
    const lack =
      name === undefined || source === undefined ? 'no policy protects it' : `policy "${name}" is disabled`;
    if (lastPointAt === undefined) return say('unprotected', `${lack}, and it has no recovery point`);
    const staleAt = new Date(lastPointAt.getTime() + byHandMs);
    const state = now <= staleAt ? 'protected' : 'stale';
    return say(state, `${lack}; its newest point is of ${text(lastPointAt)}`, staleAt);
  }
  if (lastPointAt === undefined) {
    const reason = `policy "${policy.name}": ${firstOf(source)}`;
    return elsewhereAt === undefined
      ? say('unprotected', reason)
      : say('stale', `${reason}; its newest point in another store is of ${text(elsewhereAt)}`);
  }
  const due = nextRun(policy.spec, source.sourceId, lastPointAt);
  const following = nextRun(policy.spec, source.sourceId, due);
  // Half an interval for the run itself: a point is in the catalog only when all of it is in the store.
  const tooOld = new Date(due.getTime() + (following.getTime() - due.getTime()) / 2);
  if (now < tooOld) return say('protected', `policy "${policy.name}": next backup ${text(due)}`, tooOld);
  return say(
    'stale',
    `policy "${policy.name}": the backup due ${text(due)} ${whyMissing(source)}; its newest point is of ${text(lastPointAt)}`,
    tooOld,
  );
}

/** What several policies protect could be brought back from each of their stores only when all have kept up. */
export function worstOf(protections: readonly Protection[]): Protection {
  const [worst] = protections.toSorted((one, other) => rankOf(other) - rankOf(one));
  if (worst !== undefined) return worst;
  throw new AppError('BUG_NO_PROTECTION', 'nothing says how a source is protected');
}

function rankOf({ state }: Protection): number {
  return protectionStates.indexOf(state);
}

function firstOf({ lastState, lastError, nextRunAt }: NonNullable<ProtectionFacts['source']>): string {
  if (lastState === 'running') return 'its first backup is under way';
  if (lastState === 'failed' || lastState === 'cancelled')
    return `it has no recovery point: its backup ${ended(lastState, lastError)}`;
  return nextRunAt === undefined
    ? 'it has no recovery point, and none is planned'
    : `its first backup is due ${text(nextRunAt)}`;
}

function whyMissing({ lastState, lastError }: NonNullable<ProtectionFacts['source']>): string {
  if (lastState === 'running') return 'is under way';
  return lastState === 'failed' || lastState === 'cancelled' ? ended(lastState, lastError) : 'did not run';
}

function ended(state: 'failed' | 'cancelled', error: string | undefined): string {
  return state === 'cancelled' ? 'was cancelled' : `failed${error === undefined ? '' : ` (${error})`}`;
}

function text(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
