/** Whether something could be brought back today, and why not, in words. Pure. */
import { AppError } from '../base/errors.ts';
import type { Policy } from './policy.ts';
import type { PolicySource } from './policy-assignment.ts';
import { nextRun } from './schedule.ts';

/** `stale`: there is a good point, but it is older than the policy's interval allows. */
export const protectionStates = ['protected', 'stale', 'unprotected'] as const;
export type ProtectionState = (typeof protectionStates)[number];

export const protectionCodes = [
  'no-policy',
  'policy-disabled',
  'first-running',
  'first-failed',
  'first-cancelled',
  'first-unplanned',
  'first-due',
  'next',
  'late-running',
  'late-failed',
  'late-cancelled',
  'late-not-run',
] as const;
export type ProtectionCode = (typeof protectionCodes)[number];

interface Said {
  code: ProtectionCode;
  text: string;
  params?: Record<string, string | undefined> | undefined;
}

export interface Protection {
  state: ProtectionState;
  /** In English. */
  reason: string;
  /** What the reason says, and what stands in it: `policy`, and times in ISO 8601 as `...At`. */
  code: ProtectionCode;
  params: Readonly<Record<string, string | undefined>>;
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
  const say = (state: ProtectionState, said: Said, staleAt?: Date): Protection => ({
    state,
    reason: said.text,
    code: said.code,
    params: { policy: name, lastPointAt: lastPointAt && text(lastPointAt), ...said.params },
    policy: name,
    nextRunAt: policy?.enabled === true ? source?.nextRunAt : undefined,
    staleAt,
  });
  if (policy === undefined || source === undefined || !policy.enabled) {
    const isFree = name === undefined || source === undefined;
    const code = isFree ? 'no-policy' : 'policy-disabled';
    const lack = isFree ? 'no policy protects it' : `policy "${name}" is disabled`;
    if (lastPointAt === undefined)
      return say('unprotected', { code, text: `${lack}, and it has no recovery point` });
    const staleAt = new Date(lastPointAt.getTime() + byHandMs);
    const state = now <= staleAt ? 'protected' : 'stale';
    return say(state, { code, text: `${lack}; its newest point is of ${text(lastPointAt)}` }, staleAt);
  }
  if (lastPointAt === undefined) {
    const { code, text: first, params } = firstOf(source);
    const reason = `policy "${policy.name}": ${first}`;
    if (elsewhereAt === undefined) return say('unprotected', { code, text: reason, params });
    const elsewhere = text(elsewhereAt);
    return say('stale', {
      code,
      text: `${reason}; its newest point in another store is of ${elsewhere}`,
      params: { ...params, elsewhereAt: elsewhere },
    });
  }
  const due = nextRun(policy.spec, source.sourceId, lastPointAt);
  const following = nextRun(policy.spec, source.sourceId, due);
  // Half an interval for the run itself: a point is in the catalog only when all of it is in the store.
  const tooOld = new Date(due.getTime() + (following.getTime() - due.getTime()) / 2);
  const dueAt = text(due);
  if (now < tooOld) {
    const said = {
      code: 'next',
      text: `policy "${policy.name}": next backup ${dueAt}`,
      params: { dueAt },
    } as const;
    return say('protected', said, tooOld);
  }
  const late = whyMissing(source);
  return say(
    'stale',
    {
      code: late.code,
      text: `policy "${policy.name}": the backup due ${dueAt} ${late.text}; its newest point is of ${text(lastPointAt)}`,
      params: { ...late.params, dueAt },
    },
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

function firstOf({ lastState, lastError, nextRunAt }: NonNullable<ProtectionFacts['source']>): Said {
  if (lastState === 'running') return { code: 'first-running', text: 'its first backup is under way' };
  if (lastState === 'failed' || lastState === 'cancelled') {
    const what = `it has no recovery point: its backup ${ended(lastState, lastError)}`;
    return { code: `first-${lastState}`, text: what, params: { error: lastError } };
  }
  if (nextRunAt === undefined)
    return { code: 'first-unplanned', text: 'it has no recovery point, and none is planned' };
  const dueAt = text(nextRunAt);
  return { code: 'first-due', text: `its first backup is due ${dueAt}`, params: { dueAt } };
}

function whyMissing({ lastState, lastError }: NonNullable<ProtectionFacts['source']>): Said {
  if (lastState === 'running') return { code: 'late-running', text: 'is under way' };
  return lastState === 'failed' || lastState === 'cancelled'
    ? { code: `late-${lastState}`, text: ended(lastState, lastError), params: { error: lastError } }
    : { code: 'late-not-run', text: 'did not run' };
}

function ended(state: 'failed' | 'cancelled', error: string | undefined): string {
  return state === 'cancelled' ? 'was cancelled' : `failed${error === undefined ? '' : ` (${error})`}`;
}

function text(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
