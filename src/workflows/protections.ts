/** How a page of instances or volumes is protected, in one statement. */
import { protectionOf, type Protection } from '../domain/protection.ts';
import type { CoverageRow } from '../drivers/catalog/coverage.ts';

export interface SourceProtection {
  lastPoint: { id: string; takenAt: Date } | undefined;
  protection: Protection;
}

/** By the source's id. */
export function protectionsOf(rows: readonly CoverageRow[], now: Date): Map<string, SourceProtection> {
  return new Map(
    rows.map(({ sourceId, lastPoint, policy, source }) => [
      sourceId,
      { lastPoint, protection: protectionOf({ lastPointAt: lastPoint?.takenAt, policy, source }, now) },
    ]),
  );
}

/** Of something that the catalog was not asked about. */
export function unknownProtection(now: Date): SourceProtection {
  const facts = { lastPointAt: undefined, policy: undefined, source: undefined };
  return { lastPoint: undefined, protection: protectionOf(facts, now) };
}
