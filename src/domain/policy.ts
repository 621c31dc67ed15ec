/** What a policy says, and what it must not say. Pure; the catalog keeps it as JSON, the API shows it in its own words. */
import { AppError } from '../base/errors.ts';
import type { CycleRule } from './chain.ts';
import type { ExpireStrategy } from './expiration.ts';
import type { Consistency } from './manifest.ts';
import { hasRules, type RetentionRules } from './retention.ts';
import { assertSchedule, assertWindow, type Timing } from './schedule.ts';

/** `forever`: one full, and increments on it as long as retention folds them together. */
export type PolicyCycle =
  { kind: 'cycle'; increments?: number | undefined; days?: number | undefined } | { kind: 'forever' };

/**
 * `rules`: points by calendar. `cycles`: whole chains go once all of their points are older than so many cycles; so
 * between that and one cycle more is kept.
 */
export type PolicyRetention =
  { kind: 'rules'; rules: RetentionRules; strategy: ExpireStrategy } | { kind: 'cycles'; cycles: number };

export interface PolicySpec extends Timing {
  /** undefined: what the service is configured for. */
  cycle?: PolicyCycle | undefined;
  /** undefined: every point stays. */
  retention?: PolicyRetention | undefined;
  consistency: Consistency;
  /** Name of the store that its backups go to; undefined: the default one. */
  store?: string | undefined;
  /** MiB a second for the export of one source; undefined: what the service may. */
  bandwidthMib?: number | undefined;
}

export interface Policy {
  id: string;
  name: string;
  description: string;
  /** Tenants may see it and choose it. */
  published: boolean;
  /** A disabled policy starts nothing. */
  enabled: boolean;
  /** Grows with every change. */
  revision: number;
  spec: PolicySpec;
  createdAt: Date;
  updatedAt: Date;
}

/** An instance chooses a policy by this metadata key, or by a tag `emberkeep:policy=NAME`. */
export const policyKey = 'emberkeep:policy';

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;
const uuidLike = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

/** Cycles of practically no end; JSON has no Infinity. */
const endless: CycleRule = { maxIncrements: 1_000_000, maxDays: 36_500 };

/** @throws INPUT_POLICY. */
export function assertPolicyName(name: string): void {
  // A tag of Nova holds 60 characters, and `emberkeep:policy=` takes 17 of them.
  if (!namePattern.test(name) || uuidLike.test(name)) {
    throw new AppError(
      'INPUT_POLICY',
      `${JSON.stringify(name)} cannot name a policy: take up to 40 letters, digits, ".", "_" and "-", beginning with a letter or digit, and no UUID`,
    );
  }
}

/** @throws INPUT_SCHEDULE, INPUT_POLICY. */
export function assertPolicySpec(spec: PolicySpec): void {
  assertSchedule(spec.schedule);
  if (spec.window !== undefined) assertWindow(spec.window);
  if (!Number.isInteger(spec.spreadMinutes) || spec.spreadMinutes < 0 || spec.spreadMinutes > 1440)
    throw new AppError('INPUT_POLICY', 'runs can be spread over 0 to 1440 minutes');
  assertBandwidth(spec.bandwidthMib);
  assertRetention(spec);
}

/** @throws INPUT_BANDWIDTH. */
export function assertBandwidth(mib: number | undefined): void {
  if (mib === undefined || (Number.isInteger(mib) && mib >= 1 && mib <= 1_000_000)) return;
  throw new AppError('INPUT_BANDWIDTH', `a bandwidth is 1 to 1000000 whole MiB a second, not ${mib}`);
}

function assertRetention({ cycle, retention }: PolicySpec): void {
  if (retention === undefined) return;
  if (retention.kind === 'rules') {
    if (!hasRules(retention.rules))
      throw new AppError('INPUT_POLICY', 'the retention names no rule; leave it out to keep every point');
    if (retention.strategy === 'chains' && cycle?.kind === 'forever')
      throw new AppError(
        'INPUT_POLICY',
        'one chain for ever and deletion of whole chains exclude each other: nothing would ever be deleted; use the strategy fold',
      );
  } else if (cycle?.kind === 'forever' || (cycle !== undefined && (cycle.days ?? 0) < 1)) {
    throw new AppError(
      'INPUT_POLICY',
      'a retention by cycles needs a cycle of at least one day; set its days',
    );
  }
}

export function cycleOf({ cycle }: Pick<PolicySpec, 'cycle'>, configured: CycleRule): CycleRule {
  if (cycle === undefined) return configured;
  if (cycle.kind === 'forever') return endless;
  return {
    maxIncrements:
      cycle.increments ?? (cycle.days === undefined ? configured.maxIncrements : endless.maxIncrements),
    maxDays: cycle.days ?? (cycle.increments === undefined ? configured.maxDays : endless.maxDays),
  };
}

/** What an expiry of the policy's sources is told; undefined when every point stays. */
export function expirationOf(
  { cycle, retention }: Pick<PolicySpec, 'cycle' | 'retention'>,
  configured: CycleRule,
): { rules: RetentionRules; strategy: ExpireStrategy } | undefined {
  if (retention === undefined) return undefined;
  if (retention.kind === 'rules') return { rules: retention.rules, strategy: retention.strategy };
  const days = Math.max(1, Math.ceil(cycleOf({ cycle }, configured).maxDays));
  return { rules: { keepWithinDays: retention.cycles * days }, strategy: 'chains' };
}

/** The policy that an instance chooses for itself; undefined when it chooses none. */
export function chosenPolicy(instance: {
  metadata: Readonly<Record<string, string>>;
  tags: readonly string[];
}): string | undefined {
  const chosen = instance.metadata[policyKey];
  if (chosen !== undefined) return chosen.trim();
  const prefix = `${policyKey}=`;
  return instance.tags.find((tag) => tag.startsWith(prefix))?.slice(prefix.length);
}
