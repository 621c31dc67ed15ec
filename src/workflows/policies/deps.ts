import type { Clock } from '../../base/clock.ts';
import type { Caller } from '../../domain/access.ts';
import type { CycleRule } from '../../domain/chain.ts';
import type { Expiration, ExpirationRequest } from '../../domain/expiration.ts';
import type { InstanceDescription } from '../../domain/instance.ts';
import type { Job } from '../../domain/job.ts';
import type { Consistency } from '../../domain/manifest.ts';
import type { RunAttempt } from '../../domain/retry-run.ts';
import type { ResolvedTarget } from '../../domain/target.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Alongside } from '../submit-job.ts';

export type PolicyCatalog = Pick<Catalog, 'policies'>;

/** What the scheduler finds out about the cloud, as the service user. */
export interface ResolveDeps {
  clock: Clock;
  catalog: PolicyCatalog;
  /** Where policies write that name no store. */
  defaultStore: string;
  listInstances: () => AsyncIterable<
    Pick<InstanceDescription, 'id' | 'name' | 'projectId' | 'metadata' | 'tags'>
  >;
  instanceExists: (instanceId: string) => Promise<boolean>;
  /** What a pool holds now, one for each image. */
  listPool: (pool: { cluster: string; pool: string }) => Promise<ResolvedTarget[]>;
  /** Lets others have their turn while many sources are planned. */
  yieldTurn: () => Promise<void>;
  onError: ReportError;
}

export interface PolicyBackup {
  target: ResolvedTarget;
  cycle: CycleRule;
  consistency: Consistency;
  bandwidthMib?: number | undefined;
  store?: string | undefined;
  policy: string;
  /** Only of one that is tried again. */
  run?: RunAttempt | undefined;
}

export interface TickDeps extends ResolveDeps {
  catalog: Pick<Catalog, 'policies' | 'transaction'>;
  /** What holds when a policy names no cycle. */
  configuredCycle: CycleRule;
  /** How long to wait before a failed backup is tried again, minutes: after the first attempt, the second, and so on. */
  retryMinutes: readonly number[];
  /** Through the same door as a user's. */
  submitBackup(caller: Caller, backup: PolicyBackup, alongside: Alongside): Promise<Job>;
  requestExpiration(caller: Caller, request: ExpirationRequest): Promise<Expiration[]>;
}

export type ReportError = (message: string, error: unknown, facts: Record<string, unknown>) => void;
