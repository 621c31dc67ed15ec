import { AppError } from '../../base/errors.ts';
import { authorize, notFound, visibleProject, type Caller } from '../../domain/access.ts';
import type { Job } from '../../domain/job.ts';
import type {
  VerificationLevel,
  VerificationRequest,
  VerificationScope,
  VerificationTarget,
} from '../../domain/verification.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';
import { submitJob, type SubmitDeps } from '../submit-job.ts';

export interface VerifyRequestDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction' | 'points'>;
}

/** What a verification job's row holds as its target; beside the scope what people read. */
export interface VerifyJobTarget extends VerificationScope {
  level: VerificationLevel;
  name: string;
}

/** I7: whoever may restore a point may verify it; `all` is all that the caller may restore. */
export async function requestVerification(
  deps: VerifyRequestDeps,
  caller: Caller,
  { target, level }: VerificationRequest,
): Promise<Job> {
  const { projectId, ...scope } = await scopeOf(deps.catalog, caller, target);
  return await submitJob(deps, caller, {
    kind: 'verify',
    projectId: projectId ?? null,
    target: { ...scope, ...(projectId === undefined ? {} : { projectId }), level },
  });
}

type NamedScope = VerificationScope & { name: string };

async function scopeOf(
  { points }: Pick<Catalog, 'points'>,
  caller: Caller,
  target: VerificationTarget,
): Promise<NamedScope> {
  if ('pointId' in target) {
    const point = await points.get(target.pointId);
    if (point === undefined || point.state === 'deleted') throw notFound(`point "${target.pointId}"`);
    authorize(caller, 'restore', point.projectId ?? null, `point "${point.id}"`);
    return { pointId: point.id, projectId: point.projectId, name: point.sourceName };
  }
  if ('source' in target) return await scopeOfSource({ points }, caller, target.source);
  if (caller.isAdmin) return { name: 'all points' };
  authorize(caller, 'restore', caller.projectId ?? null, 'the points');
  return { projectId: caller.projectId, name: 'all points of the project' };
}

/** By the points' own record, so that what is gone from the cloud can be named too. */
async function scopeOfSource(
  { points }: Pick<Catalog, 'points'>,
  caller: Caller,
  source: string,
): Promise<NamedScope> {
  const projectId = visibleProject(caller);
  const rows = await points.list({ source, projectId, limit: 10_000 });
  const [first] = rows;
  if (first === undefined) throw notFound(`a point of "${source}"`);
  authorize(caller, 'restore', first.projectId ?? null, `points of "${source}"`);
  const ids = new Set(rows.map(({ kind, sourceId }) => `${kind} ${sourceId}`));
  if (ids.size > 1) {
    throw new AppError(
      'INPUT_AMBIGUOUS',
      `there are points of ${ids.size} things named "${source}"; use one of their ids: ${[...ids].join(', ')}`,
    );
  }
  const { kind, sourceId, sourceName } = first;
  return { sourceKind: kind, sourceId, projectId: first.projectId, name: sourceName };
}
