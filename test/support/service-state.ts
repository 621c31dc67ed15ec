/** A service with something of everything that its metrics show. */
import type { ServiceState } from '../../src/drivers/telemetry/metrics.ts';

export const stateAt = new Date('2026-11-22T10:00:00Z');

export const serviceState: ServiceState = {
  policies: [{ policy: 'daily', sources: 3, missed: 1, oldestTakenAt: stateAt }],
  sources: [
    { policy: 'daily', kind: 'instance', sourceId: 's-1', projectId: 'p-1', newestTakenAt: undefined },
  ],
  jobs: [{ kind: 'backup', state: 'queued', jobs: 2, oldestCreatedAt: stateAt }],
  damagedPoints: 4,
  verifications: [{ level: 'full', at: stateAt }],
  stores: [
    { storeId: 'main', name: 'default', links: 7, storedBytes: 1000 },
    { storeId: 'old', name: undefined, links: 1, storedBytes: 5 },
  ],
  storesThere: new Map([
    ['default', true],
    ['offsite', false],
  ]),
  storeSpace: [{ storeId: 'main', totalBytes: 10_000, freeBytes: 9_000 }],
};
