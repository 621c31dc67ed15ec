/** What administrators allow the tenants of a project. Pure. */
import { AppError } from '../base/errors.ts';
import type { Caller } from './access.ts';
import type { Requester } from './job.ts';
import type { RestoreMode } from './restore.ts';

export interface ProjectSettings {
  projectId: string;
  /** Whether tenants may restore at all. */
  tenantRestores: boolean;
  /** Modes in which a tenant's restore waits for an approval. */
  approvalModes: readonly RestoreMode[];
  /** undefined for a project that nobody has set anything for. */
  updatedAt: Date | undefined;
  updatedBy: Requester | undefined;
}

/** Of projects that nobody has set anything for. */
export function usualSettings(projectId: string): ProjectSettings {
  return {
    projectId,
    tenantRestores: true,
    approvalModes: [],
    updatedAt: undefined,
    updatedBy: undefined,
  };
}

/**
 * Whether a restore waits for an approval. Administrators of the cloud are not asked: they could change the settings.
 *
 * @throws FORBIDDEN_RESTORES when tenants of the project may not restore.
 */
export function needsApproval(
  { isAdmin }: Pick<Caller, 'isAdmin'>,
  { projectId, tenantRestores, approvalModes }: ProjectSettings,
  mode: RestoreMode,
): boolean {
  if (isAdmin) return false;
  if (!tenantRestores) {
    throw new AppError(
      'FORBIDDEN_RESTORES',
      `restores in project ${projectId} are left to administrators; ask one for it`,
    );
  }
  return approvalModes.includes(mode);
}
