import type { Policy } from '../../domain/policy.ts';
import type { PolicyAssignment, PolicySource } from '../../domain/policy-assignment.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import {
  allAssignments,
  allPolicies,
  deleteAssignment,
  deletePolicy,
  findPolicy,
  getAssignment,
  insertAssignment,
  insertPolicy,
  listAssignments,
  listPolicies,
  policiesOf,
  policiesWithWindow,
  updatePolicy,
  type AssignmentFilter,
  type NewPolicy,
  type NewPolicyAssignment,
  type PolicyChange,
  type PolicyFilter,
} from './policies.ts';
import {
  allPolicySources,
  beginResolve,
  cutRuns,
  dueSources,
  endedRuns,
  listPolicySources,
  moveOn,
  saveSources,
  settleRun,
  sourceOfJob,
  type ClosedWindows,
  type CutRun,
  type EndedRun,
  type PlannedSource,
  type PolicySourceFilter,
  type RunChange,
} from './policy-sources.ts';

/** Documented where each is written: policies.ts, policy-sources.ts. */
export interface PolicyStatements {
  insert(policy: NewPolicy): Promise<Policy>;
  update(id: string, change: PolicyChange): Promise<Policy | undefined>;
  delete(id: string): Promise<void>;
  find(nameOrId: string): Promise<Policy | undefined>;
  list(filter?: PolicyFilter): Promise<Policy[]>;
  ofIds(ids: readonly string[]): Promise<Policy[]>;
  withWindow(): Promise<Policy[]>;
  all(): Promise<Policy[]>;
  assign(assignment: NewPolicyAssignment): Promise<PolicyAssignment>;
  assignment(id: string): Promise<PolicyAssignment | undefined>;
  unassign(id: string): Promise<void>;
  assignments(filter: AssignmentFilter): Promise<PolicyAssignment[]>;
  allAssignments(): Promise<PolicyAssignment[]>;
  sources(filter?: PolicySourceFilter): Promise<PolicySource[]>;
  allSources(): Promise<PolicySource[]>;
  saveSources(change: { planned: readonly PlannedSource[]; removedIds: readonly string[] }): Promise<void>;
  due(now: Date, limit: number): Promise<PolicySource[]>;
  moveOn(source: Pick<PolicySource, 'id' | 'nextRunAt'>, change: RunChange): Promise<boolean>;
  endedRuns(limit: number): Promise<EndedRun[]>;
  cutRuns(windows: ClosedWindows, limit: number): Promise<CutRun[]>;
  sourceOfJob(jobId: string): Promise<PolicySource | undefined>;
  settleRun(ended: Pick<EndedRun, 'source' | 'jobState'>, lastError: string | undefined): Promise<void>;
  beginResolve(now: Date, again: Date): Promise<boolean>;
}

export function bindPolicies(sql: Sql): PolicyStatements {
  return {
    insert: (policy) => mapped(() => insertPolicy(sql, policy)),
    update: (id, change) => mapped(() => updatePolicy(sql, id, change)),
    delete: (id) => mapped(() => deletePolicy(sql, id)),
    find: (nameOrId) => mapped(() => findPolicy(sql, nameOrId)),
    list: (filter) => mapped(() => listPolicies(sql, filter)),
    ofIds: (ids) => mapped(() => policiesOf(sql, ids)),
    withWindow: () => mapped(() => policiesWithWindow(sql)),
    all: () => mapped(() => allPolicies(sql)),
    assign: (assignment) => mapped(() => insertAssignment(sql, assignment)),
    assignment: (id) => mapped(() => getAssignment(sql, id)),
    unassign: (id) => mapped(() => deleteAssignment(sql, id)),
    assignments: (filter) => mapped(() => listAssignments(sql, filter)),
    allAssignments: () => mapped(() => allAssignments(sql)),
    sources: (filter) => mapped(() => listPolicySources(sql, filter)),
    allSources: () => mapped(() => allPolicySources(sql)),
    saveSources: (change) => mapped(() => saveSources(sql, change)),
    due: (now, limit) => mapped(() => dueSources(sql, now, limit)),
    moveOn: (source, change) => mapped(() => moveOn(sql, source, change)),
    endedRuns: (limit) => mapped(() => endedRuns(sql, limit)),
    cutRuns: (windows, limit) => mapped(() => cutRuns(sql, windows, limit)),
    sourceOfJob: (jobId) => mapped(() => sourceOfJob(sql, jobId)),
    settleRun: (ended, lastError) => mapped(() => settleRun(sql, ended, lastError)),
    beginResolve: (now, again) => mapped(() => beginResolve(sql, now, again)),
  };
}
