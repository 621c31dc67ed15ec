/** How a page of instances or volumes is protected, in one statement. */
import { protectionOf, worstOf, type Protection } from '../domain/protection.ts';
import type { CoverageRow } from '../drivers/catalog/coverage.ts';

export interface SourceProtection {
  lastPoint: { id: string; takenAt: Date } | undefined;
  protection: Protection;
}

/** By the source's id; what several policies protect is protected as the one that lags most says. */
export function protectionsOf(rows: readonly CoverageRow[], now: Date): Map<string, SourceProtection> {
  return new Map(
    [...Map.groupBy(rows, ({ sourceId }) => sourceId)].map(([sourceId, ofSource]) => [
      sourceId,
      {
        lastPoint: ofSource[0]?.lastPoint,
        protection: worstOf(ofSource.map((row) => protectionBy(row, now))),
      },
    ]),
  );
}

function protectionBy({ lastPoint, inStoreAt, policy, source }: CoverageRow, now: Date): Protection {
  const newestAt = lastPoint?.takenAt;
  const lastPointAt = policy?.enabled === true ? inStoreAt : newestAt;
  return protectionOf({ lastPointAt, elsewhereAt: newestAt, policy, source }, now);
}

/** Of something that the catalog was not asked about. */
export function unknownProtection(now: Date): SourceProtection {
  const facts = { lastPointAt: undefined, policy: undefined, source: undefined };
  return { lastPoint: undefined, protection: protectionOf(facts, now) };
}
