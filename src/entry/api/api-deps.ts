import type { Logger } from 'pino';
import type { Health } from '../../base/health.ts';
import type { Caller } from '../../domain/access.ts';
import type { Operations } from '../../workflows/operations.ts';
import type { IdempotencyPort } from './idempotency.ts';
import type { PortalDeps } from './portal/portal-deps.ts';
import type { OnRefused } from './refusals.ts';

/** What the API needs from the rest of the service; compose.ts gives it. */
export interface ApiDeps {
  operations: Operations;
  /** The caller behind a token; throws AUTH_* when Keystone does not know it. */
  authenticate: (token: string, requestId: string, address: string) => Promise<Caller>;
  health: Pick<Health, 'ready' | 'healthy'>;
  /** Writes a refused attempt to the audit trail. */
  onRefused?: OnRefused | undefined;
  /** Keeps answers for repeated requests; without it an Idempotency-Key means nothing. */
  idempotency?: IdempotencyPort | undefined;
  /** The pages for browsers and what they need; without it there is nothing below /portal. */
  portal?: PortalDeps | undefined;
  logger: Logger;
  version: string;
  /** Cluster that a request without `cluster` means. */
  defaultCluster?: string;
  /** Where clients reach this service when that is not the Host they send, such as behind a proxy with a path. */
  publicUrl?: string | undefined;
  /** Express's `trust proxy`: whose X-Forwarded-For counts as the caller's address. */
  trustProxy?: string | number | boolean | string[];
  /** Time between the comments that keep an idle event stream open, milliseconds. */
  heartbeatMs?: number;
  /** Time between looks at a watched job's progress, milliseconds. */
  progressMs?: number;
}
