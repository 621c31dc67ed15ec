import type { Caller } from '../../domain/access.ts';
import type { ProjectSettings } from '../../domain/project-settings.ts';
import type { RestoreMode } from '../../domain/restore.ts';
import type { Page } from '../page.ts';
import type { WholeListRequest } from '../whole-list.ts';

/** Decisions about restores that wait, and what projects allow; each authorises its caller itself (I7). */
export interface ApprovalOperations<Restore> {
  approve(caller: Caller, restoreId: string, reason: string | undefined): Promise<Restore>;
  reject(caller: Caller, restoreId: string, reason: string): Promise<Restore>;
  /** Withdraws one that waits, by who asked for it; one that was begun is cancelled as its job is. */
  cancel(caller: Caller, restoreId: string, reason: string | undefined): Promise<Restore>;
  /** Of every project that Keystone knows, by name: for who sees everything. */
  listProjectNames(caller: Caller, filter: ProjectNameFilter): Promise<Page<ProjectName>>;
  listProjects(caller: Caller, page: ProjectPage): Promise<Page<ProjectSettings>>;
  showProject(caller: Caller, nameOrId: string): Promise<ProjectSettings>;
  /** What is undefined stays as it is; administrators of the cloud only. */
  changeProject(caller: Caller, nameOrId: string, change: ProjectChange): Promise<ProjectSettings>;
}

export interface ProjectPage {
  limit: number;
  /** Id of the last project of the page before. */
  marker: string | undefined;
}

export interface ProjectNameFilter extends WholeListRequest {
  /** Part of the name or id, in upper or lower case. */
  search: string | undefined;
}

/** As Keystone has it. */
export interface ProjectName {
  id: string;
  name: string;
  domainId: string;
  enabled: boolean;
}

export interface ProjectChange {
  tenantRestores: boolean | undefined;
  approvalModes: readonly RestoreMode[] | undefined;
}
