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
export type FindingOutcome = 'found' | 'done' | 'left' | 'failed';

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

export interface ReconciliationRequest {
  dryRun: boolean;
}
