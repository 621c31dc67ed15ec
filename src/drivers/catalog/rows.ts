import type { PointManifest } from '../../domain/manifest.ts';
import type { Policy } from '../../domain/policy.ts';
import type { PolicyAssignment, PolicySource } from '../../domain/policy-assignment.ts';
import type { JobEventRow, JobRow, LinkRow, PointRow, RestoreRow, StoreRow, AuditRow } from './types.ts';

/** `snapshotReleasedAt` -> `snapshot_released_at`: columns are named as the fields are. */
type SnakeCase<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${SnakeCase<Tail>}`
    : `_${Lowercase<Head>}${SnakeCase<Tail>}`
  : S;

/** A row as pg returns it: columns for fields, null for undefined. */
export type Columns<Row> = {
  [Field in keyof Row & string as SnakeCase<Field>]: undefined extends Row[Field]
    ? Exclude<Row[Field], undefined> | null
    : Row[Field];
};

type Snapshots = 'fromSnapshot' | 'toSnapshot';
export type JobRecord = Columns<JobRow>;
export type PointRecord = Columns<PointRow>;
export type LinkRecord = Columns<Omit<LinkRow, Snapshots>> & {
  from_snapshot_name: string | null;
  from_snapshot_id: number | null;
  to_snapshot_name: string;
  to_snapshot_id: number;
};

export const toJobRow = fromColumns<JobRow>;
export const toJobEventRow = fromColumns<JobEventRow>;
export const toPointRow = fromColumns<PointRow>;
export const toRestoreRow = fromColumns<RestoreRow>;
export const toStoreRow = fromColumns<StoreRow>;
export const toAuditRow = fromColumns<AuditRow>;
export const toPolicyRow = fromColumns<Policy>;
export type PolicySourceRecord = Columns<PolicySource>;
export const toPolicySourceRow = fromColumns<PolicySource>;
export const toPolicyAssignmentRow = fromColumns<PolicyAssignment>;

export function toLinkRow(record: LinkRecord): LinkRow {
  const { from_snapshot_name, from_snapshot_id, to_snapshot_name, to_snapshot_id, ...rest } = record;
  return {
    ...fromColumns<Omit<LinkRow, Snapshots>>(rest),
    fromSnapshot:
      from_snapshot_name === null || from_snapshot_id === null
        ? undefined
        : { name: from_snapshot_name, id: from_snapshot_id },
    toSnapshot: { name: to_snapshot_name, id: to_snapshot_id },
  };
}

/** Only the row itself is renamed: what its JSON columns hold is the workflows' own. */
export function fromColumns<Row extends object>(record: Columns<Row>): Row {
  const fields = Object.entries(record).map(([column, value]) => [camelCase(column), value ?? undefined]);
  return Object.fromEntries(fields) as Row;
}

function camelCase(column: string): string {
  return column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A value for a jsonb column. pg would send an array as a PostgreSQL array, so the text is made here; jsonb refuses
 * NUL and lone surrogates, which names and messages from outside may hold, so those become U+FFFD.
 */
export function toJson(value: object): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'string' ? each.replaceAll('\0', '\uFFFD').toWellFormed() : each,
  );
}

/** The same for a column that may be null. */
export function toJsonOrNull(value: object | undefined): string | null {
  return value === undefined ? null : toJson(value);
}

/** What a row of a point repeats of its manifest. */
export function pointColumns(manifest: PointManifest): Record<string, unknown> {
  return {
    id: manifest.pointId,
    kind: manifest.kind,
    source_id: manifest.sourceId,
    source_name: manifest.sourceName,
    project_id: manifest.projectId,
    taken_at: manifest.takenAt,
    spread_ms: manifest.spreadMs,
    consistency: manifest.consistency,
    store_id: manifest.storeId,
    manifest: toJson(manifest),
  };
}
