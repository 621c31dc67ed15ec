import type { Caller } from '../../domain/access.ts';
import type {
  PolicyAssignment,
  PolicyReach,
  PolicySelector,
  PolicySource,
} from '../../domain/policy-assignment.ts';
import type { SimulatedDay } from '../../domain/policy-simulation.ts';
import type { Policy, PolicySpec } from '../../domain/policy.ts';
import type { SortedPageRequest } from '../page.ts';

/** What the service can do with policies; each authorises its caller itself (I7). Names or ids name a policy. */
export interface PolicyOperations {
  list(caller: Caller, filter: PolicyListRequest): Promise<PolicyPage<Policy>>;
  show(caller: Caller, nameOrId: string): Promise<Policy>;
  create(caller: Caller, policy: PolicyRequest): Promise<Policy>;
  /** What is undefined stays as it is. */
  change(caller: Caller, nameOrId: string, change: PolicyChangeRequest): Promise<Policy>;
  /** `force` also when it is assigned to something. */
  remove(caller: Caller, nameOrId: string, force: boolean): Promise<Policy>;
  listAssignments(
    caller: Caller,
    nameOrId: string,
    filter: AssignmentListRequest,
  ): Promise<PolicyPage<PolicyAssignment>>;
  assign(caller: Caller, nameOrId: string, request: AssignmentRequest): Promise<PolicyAssignment>;
  unassign(caller: Caller, nameOrId: string, assignmentId: string): Promise<PolicyAssignment>;
  /** What it protects, with last and next run. */
  listSources(caller: Caller, nameOrId: string, filter: SourceListRequest): Promise<PolicyPage<PolicySource>>;
  simulate(caller: Caller, nameOrId: string, request: SimulationRequest): Promise<SimulatedDay[]>;
}

export interface PolicyListRequest extends SortedPageRequest {
  /** Part of the name, in upper or lower case. */
  search?: string | undefined;
  enabled?: boolean | undefined;
  published?: boolean | undefined;
}

interface PolicyScopeRequest extends SortedPageRequest {
  /** Only what is in this project; everything that the caller may see without it. */
  projectId?: string | undefined;
}

export interface AssignmentListRequest extends PolicyScopeRequest {
  kind?: PolicySelector['kind'] | undefined;
}

export interface SourceListRequest extends PolicyScopeRequest {
  /** What brings the policy to them. */
  reach?: PolicyReach | undefined;
  lastState?: PolicySource['lastState'];
}

export interface PolicyPage<T> {
  items: T[];
  nextMarker: string | undefined;
}

export interface PolicyRequest {
  name: string;
  description: string;
  published: boolean;
  enabled: boolean;
  spec: PolicySpec;
}

export interface PolicyChangeRequest {
  description?: string | undefined;
  published?: boolean | undefined;
  enabled?: boolean | undefined;
  /** Members that are there take the place of the old ones, undefined ones too. */
  spec: Partial<PolicySpec>;
}

export interface AssignmentRequest {
  to: AssignmentTarget;
  /** Of metadata and tags: only of instances in this project. Administrators; a tenant's is always its own. */
  projectId: string | undefined;
}

export type AssignmentTarget =
  | { kind: 'instance'; nameOrId: string }
  /** undefined: the caller's own. */
  | { kind: 'project'; projectId: string | undefined }
  | { kind: 'metadata'; key: string; value: string }
  | { kind: 'tag'; tag: string }
  | { kind: 'pool'; cluster: string; pool: string };

export interface SimulationRequest {
  days: number;
  /** Now when undefined. */
  from: Date | undefined;
  /** Id of a source, for its place in the spread; the earliest when undefined. */
  sourceId: string | undefined;
}
