/** What every operation of the API is called with, and what it is about: a new route needs a line here. */
import { newId } from '../../src/base/ids.ts';
import { anInstance, uuidOf } from './fake-cloud.ts';
import type { AccessLab } from './access-lab.ts';
import { foreignProjectId, ownProjectId } from './lab-cloud.ts';
import type { PersonName } from './lab-identity.ts';
import { userIdOf } from './lab-identity.ts';

/** Whose thing is asked for. */
export type Whose = 'own' | 'foreign' | 'unknown';

/**
 * Who may: `read` whoever sees the project, `change` its members, `approve` its administrators; `administer` and
 * `inspect` are about the cloud, and `govern` about something that must be seen first. `list` is for everybody, each to
 * what they see; `project` in it is whose things are asked for.
 */
export type Kind = 'read' | 'change' | 'approve' | 'administer' | 'govern' | 'inspect' | 'list';

export interface Call {
  /** Values of the path's parameters. */
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: object;
}

export interface AccessCase {
  kind: Kind;
  /** Nothing of a project is named: the same for own, foreign and unknown. */
  impersonal?: true;
  call: (lab: AccessLab, whose: Whose, by: PersonName | undefined) => Promise<Call> | Call;
}

const projects = { own: ownProjectId, foreign: foreignProjectId } as const;
const unknownProject = uuidOf('project nobody knows');

function projectOf(whose: Whose): string {
  return whose === 'unknown' ? unknownProject : projects[whose];
}

/** Made anew for each call, so that no call is in the way of another one. */
async function made(whose: Whose, make: (projectId: string) => Promise<string>): Promise<string> {
  return whose === 'unknown' ? newId() : await make(projects[whose]);
}

const instances: Record<Whose, string> = {
  own: anInstance('web-01').instance.id,
  foreign: anInstance('db-01').instance.id,
  unknown: uuidOf('instance nobody knows'),
};
const volumes: Record<Whose, string> = {
  own: uuidOf('volume data-01'),
  foreign: uuidOf('volume data-02'),
  unknown: uuidOf('volume nobody knows'),
};

const point = (lab: AccessLab, whose: Whose): Promise<string> =>
  made(whose, (projectId) => lab.point(projectId));
const job = (lab: AccessLab, whose: Whose): Promise<string> => made(whose, (projectId) => lab.job(projectId));
const pending = (lab: AccessLab, whose: Whose, asker: string): Promise<string> =>
  made(whose, (projectId) => lab.pending(projectId, asker));

async function policy(lab: AccessLab, whose: Whose): Promise<{ policy: string; assignment: string }> {
  if (whose === 'unknown') return { policy: newId(), assignment: newId() };
  return await lab.policy(projects[whose]);
}

function ofObject(
  kind: Kind,
  id: (lab: AccessLab, whose: Whose, by: PersonName | undefined) => Promise<string> | string,
  more: Omit<Call, 'path'> = {},
  name = 'id',
): AccessCase {
  return { kind, call: async (lab, whose, by) => ({ path: { [name]: await id(lab, whose, by) }, ...more }) };
}

const named = 'name_or_id';
const list = (query: Record<string, string> = {}): AccessCase => ({
  kind: 'list',
  call: (_lab, whose) => ({ query: whose === 'own' ? query : { ...query, project_id: projectOf(whose) } }),
});
const listOfOwn: AccessCase = { kind: 'list', impersonal: true, call: () => ({}) };
const cloud = (kind: 'inspect' | 'administer', call: Call = {}): AccessCase => ({
  kind,
  impersonal: true,
  call: () => call,
});
const spec = { schedule: { every: '6h' } };

/** By operationId. */
export const accessCases: Record<string, AccessCase> = {
  listInstances: list(),
  showInstance: ofObject('read', (_lab, whose) => instances[whose], {}, named),
  listVolumes: list(),
  showVolume: ofObject('read', (_lab, whose) => volumes[whose], {}, named),
  requestBackup: {
    kind: 'change',
    call: (_lab, whose) => ({ body: { target: { instance: instances[whose] } } }),
  },
  listPoints: list(),
  showPoint: ofObject('read', point),
  deletePoint: ofObject('change', point, { query: { dry_run: 'true' } }),
  requestExpiration: {
    kind: 'change',
    call: async (lab, whose) => ({ body: { points: [await point(lab, whose)], dry_run: true } }),
  },
  requestVerification: {
    kind: 'change',
    call: async (lab, whose) => ({ body: { target: { point: await point(lab, whose) }, level: 'quick' } }),
  },
  requestRestore: {
    kind: 'change',
    call: async (lab, whose) => ({ body: { point: { id: await point(lab, whose) }, mode: 'volume' } }),
  },
  planRestore: {
    kind: 'change',
    call: async (lab, whose) => ({ body: { point: { id: await point(lab, whose) }, mode: 'image' } }),
  },
  listRestores: list(),
  showRestore: ofObject('read', (lab, whose) => pending(lab, whose, 'somebody')),
  planWaitingRestore: ofObject('read', (lab, whose) =>
    made(whose, (projectId) => lab.pending(projectId, 'somebody', { mode: 'image' })),
  ),
  undoRestore: ofObject('change', (lab, whose) => made(whose, (projectId) => lab.restored(projectId))),
  approveRestore: ofObject('approve', (lab, whose) => pending(lab, whose, 'somebody'), { body: {} }),
  rejectRestore: ofObject('approve', (lab, whose) => pending(lab, whose, 'somebody'), {
    body: { reason: 'not today' },
  }),
  // Only who asked withdraws.
  cancelRestore: ofObject(
    'change',
    (lab, whose, by) => pending(lab, whose, by === undefined ? 'somebody' : userIdOf(by)),
    { body: {} },
  ),
  listProjects: listOfOwn,
  listProjectNames: cloud('inspect'),
  showProject: ofObject('read', (_lab, whose) => projectOf(whose), {}, named),
  changeProject: ofObject(
    'administer',
    (_lab, whose) => projectOf(whose),
    { body: { tenant_restores: true } },
    named,
  ),
  listAudit: list(),
  listCoverage: list(),
  summarizeCoverage: list(),
  listStores: cloud('inspect'),
  showStore: cloud('inspect', { path: { [named]: 'default' } }),
  showStoreUsage: cloud('inspect', { path: { [named]: 'default' } }),
  showOverview: cloud('inspect'),
  listDisks: list(),
  listPolicies: listOfOwn,
  showPolicy: ofObject('read', async (lab, whose) => (await policy(lab, whose)).policy, {}, named),
  createPolicy: {
    kind: 'administer',
    impersonal: true,
    call: () => ({ body: { name: `m-${newId().slice(0, 8)}`, ...spec } }),
  },
  changePolicy: ofObject(
    'govern',
    async (lab, whose) => (await policy(lab, whose)).policy,
    { body: { description: 'changed' } },
    named,
  ),
  deletePolicy: ofObject(
    'govern',
    async (lab, whose) => (await policy(lab, whose)).policy,
    { query: { force: 'true' } },
    named,
  ),
  simulatePolicy: ofObject(
    'read',
    async (lab, whose) => (await policy(lab, whose)).policy,
    { body: { days: 1 } },
    named,
  ),
  listPolicyAssignments: ofObject('read', async (lab, whose) => (await policy(lab, whose)).policy, {}, named),
  listPolicySources: ofObject('read', async (lab, whose) => (await policy(lab, whose)).policy, {}, named),
  assignPolicy: {
    kind: 'change',
    call: async (lab, whose) => ({
      path: { [named]: (await lab.policy(ownProjectId, true)).policy },
      body: { instance: instances[whose] },
    }),
  },
  unassignPolicy: {
    kind: 'change',
    call: async (lab, whose) => {
      const ids = await policy(lab, whose);
      return { path: { [named]: ids.policy, assignment_id: ids.assignment } };
    },
  },
  listJobs: list(),
  showJob: ofObject('read', job),
  cancelJob: ofObject('change', job),
  watchJob: ofObject('read', async (lab, whose) => {
    const id = await job(lab, whose);
    // One that has ended, so that its stream ends too.
    if (whose !== 'unknown') await lab.database.catalog.jobs.requestCancel(id);
    return id;
  }),
  listPools: cloud('inspect'),
  listImages: cloud('inspect', { path: { pool: 'volumes' } }),
  listSnapshots: cloud('inspect', { path: { pool: 'volumes', image: 'a-image' } }),
  listFindings: {
    kind: 'inspect',
    impersonal: true,
    call: async (lab) => ({ path: { id: await lab.reconciliation() } }),
  },
  requestReconciliation: cloud('administer', { body: { dry_run: true } }),
  requestRebuild: cloud('administer', { body: { dry_run: true } }),
};
