import { driftKinds, findingOutcomes, strayKinds } from '../../../domain/reconciliation.ts';
import { findingWordCodes, findingWordOf } from '../../../domain/finding-words.ts';
import type { NumberedFinding } from '../../../workflows/reconcile/list-findings.ts';
import type { ApiDeps } from '../api-deps.ts';
import { nextLinks } from '../pagination.ts';
import { jobSchema, presentJob } from '../resources/job.ts';
import { route, type RouteTable } from '../route.ts';
import { bytes, idParams, links, pageQuery, sortBy } from '../schemas/common.ts';
import { saidParams } from '../schemas/said-params.ts';
import { z } from '../zod.ts';

const reconciliationBody = z
  .strictObject({
    dry_run: z.boolean().default(false).openapi({ description: 'Only say what would be done.' }),
  })
  .openapi('ReconciliationRequest');

const findingKind = z.enum([...strayKinds, ...driftKinds]);
const findingOutcome = z.enum([...findingOutcomes, 'drift']);

const wordCode = z
  .enum(findingWordCodes)
  .nullable()
  .openapi({ description: 'null for words that have none.' });

const findingSchema = z
  .strictObject({
    number: z.int().min(1),
    kind: findingKind,
    what: z.string(),
    where: z.string(),
    age_seconds: z.number().nullable(),
    size_bytes: bytes.nullable(),
    outcome: findingOutcome.openapi({
      description: '`drift`: catalog, store or cluster do not agree, and nothing was changed.',
    }),
    action: z.string().nullable(),
    action_code: wordCode,
    reason: z.string().openapi({ description: 'Why it is nobody’s; of drift, what follows and what to do.' }),
    reason_code: wordCode,
    reason_params: saidParams,
    note: z.string().nullable(),
    note_code: wordCode,
  })
  .openapi('ReconciliationFinding');

function presentFinding(one: NumberedFinding): z.input<typeof findingSchema> {
  const { number } = one;
  if (one.type === 'drift') {
    const { kind, what, where, advice } = one.drift;
    const none = { age_seconds: null, size_bytes: null, action: null, note: null };
    return withCodes({ number, kind, what, where, ...none, outcome: 'drift', reason: advice });
  }
  const { ageSeconds, sizeBytes, ...finding } = one.finding;
  return withCodes({ number, ...finding, age_seconds: ageSeconds, size_bytes: sizeBytes });
}

interface Words {
  action: string | null;
  reason: string;
  note: string | null;
}

/** For who says it in another tongue. */
function withCodes<T extends Words>(finding: T) {
  const { action, reason, note } = finding;
  const said = findingWordOf(reason);
  return {
    ...finding,
    action_code: action === null ? null : (findingWordOf(action)?.code ?? null),
    reason_code: said?.code ?? null,
    reason_params: said?.params ?? {},
    note_code: note === null ? null : (findingWordOf(note)?.code ?? null),
  };
}

export function addReconciliationRoutes(table: RouteTable, { operations, publicUrl }: ApiDeps): void {
  route(table, {
    method: 'get',
    path: '/v1/reconciliations/{id}/findings',
    operationId: 'listFindings',
    summary: 'List what a reconciliation found (administrators, and the system)',
    description: 'By the id of its job; `GET /v1/jobs?kind=reconcile` lists those.',
    tag: 'jobs',
    params: idParams,
    query: z.strictObject({
      limit: pageQuery.limit,
      marker: z
        .string()
        .regex(/^\d{1,6}$/, 'must be the number of a finding')
        .optional()
        .openapi({ description: 'Number of the last finding of the page before.' }),
      kind: findingKind.optional(),
      outcome: findingOutcome.optional(),
      sort: sortBy(
        ['what', 'kind', 'outcome', 'age', 'size'],
        'As they were found when left out. What has no value comes last.',
      ),
    }),
    response: z.strictObject({ findings: z.array(findingSchema), links }),
    handle: async ({ caller, params, query, http }) => {
      const page = await operations.findings.list(caller, params.id, {
        limit: query.limit,
        marker: query.marker,
        kind: query.kind,
        outcome: query.outcome,
        sort: query.sort,
      });
      return { findings: page.items.map(presentFinding), links: nextLinks(http, page, publicUrl) };
    },
  });

  route(table, {
    method: 'post',
    path: '/v1/reconciliations',
    operationId: 'requestReconciliation',
    summary:
      'Remove what jobs left behind, and compare the catalog with the store and the clusters (administrators)',
    description:
      "Starts a job that looks for what is the service's own and no job and no restore needs: images, snapshots, volumes, " +
      'unfinished links. Its result lists each with its place, age and size, what was or would be done with it, and why. ' +
      'It also tells where catalog, store and clusters do not agree (`drift`), and changes nothing of that.',
    tag: 'jobs',
    body: reconciliationBody,
    status: 202,
    response: z.strictObject({ job: jobSchema }),
    handle: async ({ caller, body }) => {
      const job = await operations.requestReconciliation(caller, { dryRun: body.dry_run });
      return { job: presentJob(job, caller.isAdmin) };
    },
  });
}
