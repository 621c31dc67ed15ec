import type { Caller } from '../../domain/access.ts';
import type { Protection, ProtectionState } from '../../domain/protection.ts';
import type { Page, PageRequest } from '../page.ts';

/** What is protected and what is not; each authorises its caller itself (I7). */
export interface CoverageOperations {
  list(caller: Caller, filter: CoverageFilter): Promise<Page<CoverageEntry>>;
  /** Counted by project, those with the most gaps first. */
  summarize(caller: Caller, scope: CoverageScope): Promise<ProjectCoverage[]>;
}

export interface CoverageScope {
  projectId: string | undefined;
  /** Every project's, for who sees everything. */
  allProjects: boolean;
}

export interface CoverageFilter extends PageRequest, CoverageScope {
  kind: 'instance' | 'volume';
  state: ProtectionState | undefined;
  /** Part of the name, in upper or lower case. */
  search?: string | undefined;
  /** The newest first when undefined. */
  sort?: CoverageSort | undefined;
}

export interface CoverageSort {
  by: 'name' | 'protection' | 'last_point_at' | 'next_run_at' | 'policy';
  direction: 'asc' | 'desc';
}

export interface CoverageEntry {
  kind: 'instance' | 'volume';
  id: string;
  name: string;
  projectId: string;
  lastPoint: { id: string; takenAt: Date } | undefined;
  protection: Protection;
}

export type CoverageCounts = Record<ProtectionState, number>;

export interface ProjectCoverage {
  projectId: string;
  instances: CoverageCounts;
  volumes: CoverageCounts;
}
