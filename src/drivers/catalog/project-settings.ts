import type { Requester } from '../../domain/job.ts';
import type { ProjectSettings } from '../../domain/project-settings.ts';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { fromColumns, toJson, type Columns } from './rows.ts';

const table = 'emberkeep.project_settings';

export interface ProjectSettingsChange {
  tenantRestores: boolean | undefined;
  approvalModes: ProjectSettings['approvalModes'] | undefined;
}

/** Documented where each is written, below. */
export interface ProjectSettingsStatements {
  get(projectId: string): Promise<ProjectSettings | undefined>;
  list(page: { limit: number; after?: string | undefined }): Promise<ProjectSettings[]>;
  save(projectId: string, change: ProjectSettingsChange, by: Requester): Promise<ProjectSettings>;
}

export function bindProjectSettings(sql: Sql): ProjectSettingsStatements {
  return {
    get: (projectId) => mapped(() => getSettings(sql, projectId)),
    list: (page) => mapped(() => listSettings(sql, page)),
    save: (projectId, change, by) => mapped(() => saveSettings(sql, projectId, change, by)),
  };
}

/** undefined when nobody has set anything. */
async function getSettings(sql: Sql, projectId: string): Promise<ProjectSettings | undefined> {
  const row = (await sql(table).where('project_id', projectId).first()) as SettingsRecord | undefined;
  return row && fromColumns<ProjectSettings>(row);
}

/** Those that were set, by their projects' ids. */
async function listSettings(
  sql: Sql,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<ProjectSettings[]> {
  const query = sql(table).orderBy('project_id').limit(limit);
  if (after !== undefined) query.where('project_id', '>', after);
  return ((await query) as SettingsRecord[]).map((row) => fromColumns<ProjectSettings>(row));
}

/** What is undefined stays as it is, or as it usually is. */
async function saveSettings(
  sql: Sql,
  projectId: string,
  { tenantRestores, approvalModes }: ProjectSettingsChange,
  by: Requester,
): Promise<ProjectSettings> {
  const updated = { updated_by: toJson(by), updated_at: sql.fn.now() };
  const change = {
    ...(tenantRestores === undefined ? {} : { tenant_restores: tenantRestores }),
    ...(approvalModes === undefined ? {} : { approval_modes: [...approvalModes] }),
    ...updated,
  };
  const [row] = (await sql(table)
    .insert({ project_id: projectId, tenant_restores: true, approval_modes: [], ...change })
    .onConflict('project_id')
    .merge(change)
    .returning('*')) as [SettingsRecord];
  return fromColumns<ProjectSettings>(row);
}

type SettingsRecord = Columns<ProjectSettings>;
