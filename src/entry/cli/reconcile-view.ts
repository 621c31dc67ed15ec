import type { FindingOutcome } from '../../domain/reconciliation.ts';
import { bytesColumn, textColumn, type Column } from './output/columns.ts';
import type { WireJob } from './wire.ts';

export interface WireFinding {
  kind: string;
  what: string;
  where: string;
  age_seconds: number | null;
  size_bytes: number | null;
  action: string;
  reason: string;
  outcome: FindingOutcome;
  note: string | null;
}

export interface WireDrift {
  kind: string;
  what: string;
  where: string;
  advice: string;
}

export function findingsOf({ result }: WireJob): WireFinding[] {
  const findings = result?.['findings'];
  return Array.isArray(findings) ? (findings as WireFinding[]) : [];
}

export function countIn({ result }: WireJob, what: 'found' | 'left' | 'failed'): number {
  return Number(result?.[what] ?? 0);
}

/** Lines for people: where catalog, store and clusters do not agree. */
export function driftLines({ result }: WireJob): string[] {
  const drift = Array.isArray(result?.['drift']) ? (result['drift'] as WireDrift[]) : [];
  const lines = drift.map(({ kind, what, where, advice }) => `${kind}: ${what} in ${where}; ${advice}`);
  const more = Number(result?.['drifted'] ?? 0) - lines.length;
  return more > 0 ? [...lines, `and ${more} more of the kind`] : lines;
}

export function problemsOf({ result }: WireJob): string[] {
  const problems = result?.['problems'];
  return Array.isArray(problems) ? (problems as string[]) : [];
}

export const findingColumns: readonly Column<WireFinding>[] = [
  textColumn('Outcome', ({ outcome }) => outcome),
  textColumn('Kind', ({ kind }) => kind),
  textColumn('What', ({ what }) => what),
  textColumn('Where', ({ where }) => where),
  {
    title: 'Age',
    value: ({ age_seconds: seconds }) => seconds,
    human: ({ age_seconds: seconds }) => (seconds === null ? '' : humanAge(seconds)),
  },
  bytesColumn('Size', ({ size_bytes: bytes }) => bytes),
  textColumn('Action', ({ action }) => action),
  textColumn('Reason', ({ reason, note }) => (note === null ? reason : `${reason}; ${note}`)),
];

function humanAge(seconds: number): string {
  if (seconds >= 172_800) return `${Math.floor(seconds / 86_400)} d`;
  if (seconds >= 7_200) return `${Math.floor(seconds / 3_600)} h`;
  return seconds >= 120 ? `${Math.floor(seconds / 60)} min` : `${seconds} s`;
}
