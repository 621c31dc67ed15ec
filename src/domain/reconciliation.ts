/** What an aborted or lost piece of work can leave behind, by where it lies. */
export const strayKinds = [
  'volume',
  'moved-image',
  'migration',
  'fresh-image',
  'scratch-image',
  'snapshot',
  'trash-image',
  'link-folder',
  'paused-instance',
] as const;
export type StrayKind = (typeof strayKinds)[number];

/**
 * - `found`: a dry run, nothing was done.
 * - `done`: what `action` says was done.
 * - `left`: somebody works on it or has it open; the next reconciliation looks again.
 * - `failed`: it could not be done, `note` says why.
 */
export const findingOutcomes = ['found', 'done', 'left', 'failed'] as const;
export type FindingOutcome = (typeof findingOutcomes)[number];

/** Something of ours that nobody needs. */
export interface Finding {
  kind: StrayKind;
  what: string;
  where: string;
  ageSeconds: number | null;
  /** Where it is known. */
  sizeBytes: number | null;
  action: string;
  reason: string;
  outcome: FindingOutcome;
  note: string | null;
}

/** Where the catalog does not agree with a store or a cluster. */
export const driftKinds = [
  'link-missing',
  'link-unknown',
  'point-missing',
  'point-unknown',
  'snapshot-missing',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** Told, and never changed: which side is right is for a person to say. */
export interface Drift {
  kind: DriftKind;
  what: string;
  where: string;
  /** What follows from it, and what to do. */
  advice: string;
}

export interface ReconciliationRequest {
  dryRun: boolean;
}
