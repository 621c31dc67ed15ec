/**
 * How thoroughly a point is verified:
 * - `quick`: manifests, indexes and the presence and size of every segment of every link that the point needs.
 * - `full`: also every segment's checksum, its records, and whether they are what the index says.
 * - `deep`: every disk is restored into a scratch image, and that is compared with the store and with the source.
 */
export const verificationLevels = ['quick', 'full', 'deep'] as const;
export type VerificationLevel = (typeof verificationLevels)[number];

export const verificationOutcomes = ['intact', 'damaged'] as const;
export type VerificationOutcome = (typeof verificationOutcomes)[number];

export interface Verification {
  at: Date;
  level: VerificationLevel;
  outcome: VerificationOutcome;
}

export type VerificationTarget = { pointId: string } | { source: string } | { all: true };

/** What a user asks for. */
export interface VerificationRequest {
  target: VerificationTarget;
  level: VerificationLevel;
}

/** Which points; `projectId` undefined is every project. */
export interface VerificationScope {
  pointId?: string | undefined;
  sourceKind?: string | undefined;
  sourceId?: string | undefined;
  projectId?: string | undefined;
}

/** Name of the scratch image of a disk of a point: it holds the job's id, so that one left by a crash is known. */
export function scratchImageName(jobId: string, index: number): string {
  return `verify-${jobId}-${index}`;
}

/** Key of a scratch image's metadata that says which job made it. */
export const verifyMark = 'emberkeep_verify';

/** The job whose id is in the name of a scratch image; undefined for other names. */
export function jobIdOfScratch(image: string): string | undefined {
  return /^verify-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+$/.exec(image)?.[1];
}
