import { authorize, visibleProject, type Caller } from '../../domain/access.ts';
import { ownProject } from './find-by-name.ts';

/** Whose things a listing is to show. */
export interface ProjectScope {
  projectId: string | undefined;
  /** Every project's, for who sees everything. */
  allProjects: boolean;
}

/** undefined is every project. Without a wish it is the caller's own; a token for the system has none, and means all. */
export function projectOf(
  caller: Caller,
  { allProjects, projectId }: ProjectScope,
  noun: string,
): string | undefined {
  if (allProjects) {
    authorize(caller, 'inspect', null, `${noun} of all projects`);
    return undefined;
  }
  if (projectId !== undefined) {
    authorize(caller, 'read', projectId, `project "${projectId}"`);
    return projectId;
  }
  return caller.projectId === undefined ? visibleProject(caller) : ownProject(caller);
}
