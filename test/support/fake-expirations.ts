import { authorize, notFound, type Caller } from '../../src/domain/access.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Expiration, ExpirationRequest } from '../../src/domain/expiration.ts';
import type { PointDetail } from '../../src/workflows/operations.ts';

/** Of the fake cloud's points: named ones go, of a source all but the newest. */
export function fakeExpirations(
  caller: Caller,
  points: readonly PointDetail[],
  { of, dryRun }: ExpirationRequest,
  start: (target: Record<string, unknown>) => Job,
): Expiration[] {
  if (of === 'all') authorize(caller, 'administer', null, 'the points of all sources');
  const ids = typeof of === 'object' && 'points' in of ? of.points : undefined;
  for (const id of ids ?? []) {
    const point = points.find((each) => each.id === id);
    if (point === undefined) throw notFound(`point ${id}`);
    authorize(caller, 'delete', point.projectId, `point ${id}`);
  }
  const isMeant = ({ id, sourceName }: PointDetail): boolean =>
    ids?.includes(id) ?? (of === 'all' || ('source' in of && of.source === sourceName));
  const names = [...new Set(points.filter(isMeant).map(({ sourceName }) => sourceName))];
  return names.map((name) => {
    const all = points.filter(({ sourceName }) => sourceName === name).toReversed();
    return {
      kind: 'instance',
      sourceId: all[0]?.sourceId ?? '',
      sourceName: name,
      projectId: all[0]?.projectId ?? null,
      storeId: 'main',
      store: 'default',
      points: all.map(({ id, takenAt, state }, index) => {
        const goes = ids?.includes(id) ?? index > 0;
        return { id, takenAt, state, goes, reasons: goes ? [] : ['newest'] };
      }),
      freesAtLeastBytes: 2 ** 20,
      freesAtMostBytes: 2 ** 21,
      needsAtMostBytes: 2 ** 21,
      notes: [],
      job: dryRun ? null : start({ kind: 'instance', name }),
    };
  });
}
