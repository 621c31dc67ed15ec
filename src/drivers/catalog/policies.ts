import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import type { PolicyAssignment, PolicySelector } from '../../domain/policy-assignment.ts';
import type { Sql } from './connect.ts';
import { atomically, pageOf } from './page.ts';
import { toJson, toPolicyAssignmentRow, toPolicyRow, type Columns } from './rows.ts';
import type { Page } from './types.ts';

const policyTable = 'emberkeep.policies';
const assignmentTable = 'emberkeep.policy_assignments';
type PolicyRecord = Columns<Policy>;
type AssignmentRecord = Columns<PolicyAssignment>;

export type NewPolicy = Omit<Policy, 'revision' | 'createdAt' | 'updatedAt'>;
export type PolicyChange = Partial<Pick<Policy, 'description' | 'published' | 'enabled' | 'spec'>>;
export type NewPolicyAssignment = Omit<PolicyAssignment, 'createdAt'>;

export interface PolicyFilter extends Page {
  /** What a tenant may see: published ones, and those that are assigned in its project. */
  visibleTo?: string | undefined;
  /** Part of the name, in upper or lower case. */
  search?: string | undefined;
  enabled?: boolean | undefined;
  published?: boolean | undefined;
}

export interface AssignmentFilter extends Page {
  policyId: string;
  projectId?: string | undefined;
  kind?: PolicySelector['kind'] | undefined;
}

/** Orders of the list of policies beside its usual one, each with an index (migration 0021). */
const policySorts = { name: '(lower(name) collate "C")', updated_at: 'updated_at', enabled: 'enabled' };

/** @throws CONFLICT_POLICY_NAME. */
export async function insertPolicy(sql: Sql, policy: NewPolicy): Promise<Policy> {
  return atomically(sql, async (trx) => {
    const [row] = (await trx(policyTable)
      .insert({ ...policy, spec: toJson(policy.spec) })
      .onConflict('name')
      .ignore()
      .returning('*')) as PolicyRecord[];
    if (row === undefined) {
      throw new AppError(
        'CONFLICT_POLICY_NAME',
        `There is a policy "${policy.name}" already: change that one, or take another name.`,
      );
    }
    await resolveSoon(trx);
    return toPolicyRow(row);
  });
}

/** undefined when there is none. */
export async function updatePolicy(sql: Sql, id: string, change: PolicyChange): Promise<Policy | undefined> {
  return atomically(sql, async (trx) => {
    const { spec, ...rest } = change;
    const [row] = (await trx(policyTable)
      .where('id', id)
      .update({
        ...rest,
        ...(spec === undefined ? {} : { spec: toJson(spec) }),
        revision: trx.raw('revision + 1'),
        updated_at: trx.fn.now(),
      })
      .returning('*')) as PolicyRecord[];
    await resolveSoon(trx);
    return row && toPolicyRow(row);
  });
}

/** With its assignments; points stay. */
export async function deletePolicy(sql: Sql, id: string): Promise<void> {
  await atomically(sql, async (trx) => {
    await trx(policyTable).where('id', id).delete();
    await resolveSoon(trx);
  });
}

export async function findPolicy(sql: Sql, nameOrId: string): Promise<Policy | undefined> {
  const column = isUuid(nameOrId) ? 'id' : 'name';
  const row = (await sql(policyTable).where(column, nameOrId).first()) as PolicyRecord | undefined;
  return row && toPolicyRow(row);
}

export async function listPolicies(sql: Sql, filter: PolicyFilter = {}): Promise<Policy[]> {
  const { visibleTo, search, enabled, published, ...page } = filter;
  const query = sql(policyTable);
  // Somebody made each of them by hand: an index on parts of their names would cost more than it saves.
  if (search !== undefined) query.whereRaw('strpos(lower(name), lower(?)) > 0', [search]);
  if (enabled !== undefined) query.where('enabled', enabled);
  if (published !== undefined) query.where('published', published);
  if (visibleTo !== undefined) {
    query.whereRaw(
      `(published or exists (select from ${assignmentTable} a where a.policy_id = policies.id and a.project_id = ?))`,
      [visibleTo],
    );
  }
  return (await pageOf<PolicyRecord>(query, 'created_at', page, policySorts)).map(toPolicyRow);
}

export async function policiesOf(sql: Sql, ids: readonly string[]): Promise<Policy[]> {
  return ((await sql(policyTable).whereIn('id', [...ids])) as PolicyRecord[]).map(toPolicyRow);
}

/** Those that have a window. */
export async function policiesWithWindow(sql: Sql): Promise<Policy[]> {
  const rows = await sql<PolicyRecord, PolicyRecord[]>(policyTable).whereRaw(`spec -> 'window' is not null`);
  return rows.map(toPolicyRow);
}

/** Every policy: what assignments are resolved with. */
export async function allPolicies(sql: Sql): Promise<Policy[]> {
  return ((await sql(policyTable).orderBy('name')) as PolicyRecord[]).map(toPolicyRow);
}

/** @throws CONFLICT_POLICY_ASSIGNED when the same is assigned already, to this policy or another one of the same store. */
export async function insertAssignment(
  sql: Sql,
  { id, policyId, selector, projectId, byAdmin }: NewPolicyAssignment,
): Promise<PolicyAssignment> {
  return atomically(sql, async (trx) => {
    await trx.raw(`lock table ${assignmentTable} in share row exclusive mode`);
    const holder = await holderOf(trx, { policyId, selector, projectId });
    if (holder !== undefined) {
      throw new AppError(
        'CONFLICT_POLICY_ASSIGNED',
        `This is assigned to policy "${holder}" already, which writes to the same store: unassign it there first.`,
        { details: { policy: holder } },
      );
    }
    const { rows } = await trx.raw<{ rows: [AssignmentRecord] }>(
      `insert into ${assignmentTable} (id, policy_id, kind, selector, project_id, by_admin)
       values (?, ?, ?, ?::jsonb, ?, ?) returning *`,
      [id, policyId, selector.kind, toJson(selector), projectId ?? null, byAdmin],
    );
    await resolveSoon(trx);
    return toPolicyAssignmentRow(rows[0]);
  });
}

/** Name of the policy of the same store that has the same assigned. Stores that were never opened are told apart by name. */
async function holderOf(
  sql: Sql,
  { policyId, selector, projectId }: Pick<NewPolicyAssignment, 'policyId' | 'selector' | 'projectId'>,
): Promise<string | undefined> {
  const { rows } = await sql.raw<{ rows: { name: string }[] }>(
    `select holder.name
     from ${assignmentTable} assigned join ${policyTable} holder on holder.id = assigned.policy_id,
       ${policyTable} policy
     where policy.id = :policyId and assigned.selector = :selector::jsonb
       and coalesce(assigned.project_id, '') = :projectId
       and (holder.id = policy.id
         or coalesce(emberkeep.store_of_policy(holder.spec), 'named ' || (holder.spec ->> 'store'), '')
          = coalesce(emberkeep.store_of_policy(policy.spec), 'named ' || (policy.spec ->> 'store'), ''))
     limit 1`,
    { policyId, selector: toJson(selector), projectId: projectId ?? '' },
  );
  return rows[0]?.name;
}

export async function getAssignment(sql: Sql, id: string): Promise<PolicyAssignment | undefined> {
  if (!isUuid(id)) return undefined;
  const row = (await sql(assignmentTable).where('id', id).first()) as AssignmentRecord | undefined;
  return row && toPolicyAssignmentRow(row);
}

export async function deleteAssignment(sql: Sql, id: string): Promise<void> {
  await atomically(sql, async (trx) => {
    await trx(assignmentTable).where('id', id).delete();
    await resolveSoon(trx);
  });
}

export async function listAssignments(
  sql: Sql,
  { policyId, projectId, kind, ...page }: AssignmentFilter,
): Promise<PolicyAssignment[]> {
  const query = sql(assignmentTable).where('policy_id', policyId);
  if (kind !== undefined) query.where('kind', kind);
  if (projectId !== undefined) query.where('project_id', projectId);
  return (await pageOf<AssignmentRecord>(query, 'created_at', page, { kind: 'kind' })).map(
    toPolicyAssignmentRow,
  );
}

/** Every assignment, oldest first. */
export async function allAssignments(sql: Sql): Promise<PolicyAssignment[]> {
  const rows = (await sql(assignmentTable).orderBy(['created_at', 'id'])) as AssignmentRecord[];
  return rows.map(toPolicyAssignmentRow);
}

/** What was assigned shows at the next tick, not when the assignments would be resolved again anyway. */
async function resolveSoon(trx: Sql): Promise<void> {
  await trx('emberkeep.policy_scheduler').update({ resolve_at: trx.raw(`'-infinity'::timestamptz`) });
}
