import type { Caller } from '../../src/domain/access.ts';
import type { Page, PageRequest } from '../../src/workflows/operations.ts';

export function page<T extends { id: string }>(all: T[], { limit, marker }: PageRequest): Page<T> {
  const start = marker === undefined ? 0 : all.findIndex(({ id }) => id === marker) + 1;
  const items = all.slice(start, start + limit);
  return { items, nextMarker: start + limit < all.length ? items.at(-1)?.id : undefined };
}

/** Whether a point counts for a restore to that time. */
export function isBy(takenAt: Date, at: Date | 'latest'): boolean {
  return at === 'latest' || takenAt <= at;
}

export function visibleTo<T extends { projectId: string | null }>(caller: Caller, all: readonly T[]): T[] {
  return all.filter(({ projectId }) => caller.isAdmin || projectId === caller.projectId);
}
