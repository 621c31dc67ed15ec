import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import { authorize, notFound, type Caller } from '../../domain/access.ts';
import type { Drift, Finding } from '../../domain/reconciliation.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { Page, SortedPageRequest } from '../page.ts';
import { pageOfWhole } from '../whole-list.ts';

export interface FindingOperations {
  /** The marker is the number of the last one of the page before. */
  list(caller: Caller, jobId: string, filter: FindingFilter): Promise<Page<NumberedFinding>>;
}

export interface FindingFilter extends SortedPageRequest {
  /** Of strays or of drift. */
  kind: string | undefined;
  outcome: string | undefined;
}

/** Something left behind with what became of it, or where two sides do not agree: `drift` has no outcome. */
export type NumberedFinding = { number: number } & (
  { type: 'stray'; finding: Finding } | { type: 'drift'; drift: Drift }
);

/**
 * What a reconciliation found, in the order in which it did unless told, strays first: of each as many as its result keeps.
 *
 * @throws NOTFOUND_RESOURCE when there is no such reconciliation, CONFLICT_JOB_UNFINISHED while it has no result.
 */
export async function listFindings(
  { jobs }: Pick<Catalog, 'jobs'>,
  caller: Caller,
  jobId: string,
  { kind, outcome, ...page }: FindingFilter,
): Promise<Page<NumberedFinding>> {
  authorize(caller, 'inspect', null, `reconciliation "${jobId}"`);
  const job = isUuid(jobId) ? await jobs.get(jobId) : undefined;
  if (job?.kind !== 'reconcile') throw notFound(`reconciliation "${jobId}"`);
  if (job.result === undefined) {
    throw new AppError(
      'CONFLICT_JOB_UNFINISHED',
      `reconciliation ${jobId} is ${job.state} and has no findings; watch the job to its end, or look at another one`,
    );
  }
  const wanted = numbered(job.result).filter(
    (one) => [undefined, kindOf(one)].includes(kind) && [undefined, outcomeOf(one)].includes(outcome),
  );
  return pageOfWhole(wanted, page, { idOf: ({ number }) => String(number), keys });
}

const keys = {
  what: (one: NumberedFinding) => (one.type === 'stray' ? one.finding.what : one.drift.what),
  kind: kindOf,
  outcome: outcomeOf,
  age: (one: NumberedFinding) => (one.type === 'stray' ? (one.finding.ageSeconds ?? undefined) : undefined),
  size: (one: NumberedFinding) => (one.type === 'stray' ? (one.finding.sizeBytes ?? undefined) : undefined),
};

function numbered(result: Record<string, unknown>): NumberedFinding[] {
  const { findings = [], drift = [] } = result as { findings?: Finding[]; drift?: Drift[] };
  return [
    ...findings.map((finding, index) => ({ number: index + 1, type: 'stray' as const, finding })),
    ...drift.map((one, index) => ({
      number: findings.length + index + 1,
      type: 'drift' as const,
      drift: one,
    })),
  ];
}

function outcomeOf(one: NumberedFinding): string {
  return one.type === 'stray' ? one.finding.outcome : 'drift';
}

function kindOf(one: NumberedFinding): string {
  return one.type === 'stray' ? one.finding.kind : one.drift.kind;
}
