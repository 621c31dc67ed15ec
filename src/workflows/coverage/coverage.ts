/** Everything of the cloud, page by page, each page with one statement of the catalog: what is kept is what is shown (I11). */
import type { Caller } from '../../domain/access.ts';
import type { ProtectionState } from '../../domain/protection.ts';
import type { Page, PageRequest } from '../page.ts';
import type {
  CoverageCounts,
  CoverageEntry,
  CoverageFilter,
  CoverageScope,
  ProjectCoverage,
} from './coverage-operations.ts';

type Listed = Omit<CoverageEntry, 'kind'>;

/** The listings of the inventory, which authorise. */
export interface CoverageDeps {
  listInstances: (caller: Caller, filter: ListedFilter) => Promise<Page<Listed>>;
  listVolumes: (caller: Caller, filter: ListedFilter) => Promise<Page<Listed>>;
}

interface ListedFilter extends PageRequest, CoverageScope, Pick<CoverageFilter, 'search' | 'sort'> {
  protection?: ProtectionState | undefined;
}

const pageSize = 500;

export async function listCoverage(
  deps: CoverageDeps,
  caller: Caller,
  { kind, state, ...filter }: CoverageFilter,
): Promise<Page<CoverageEntry>> {
  const page = await pageOf(deps, kind)(caller, { ...filter, protection: state });
  return { ...page, items: page.items.map((entry) => ({ kind, ...only(entry) })) };
}

function only({ id, name, projectId, lastPoint, protection }: Listed): Listed {
  return { id, name, projectId, lastPoint, protection };
}

function pageOf(deps: CoverageDeps, kind: CoverageEntry['kind']): CoverageDeps['listInstances'] {
  return kind === 'instance' ? deps.listInstances : deps.listVolumes;
}

export async function summarizeCoverage(
  deps: CoverageDeps,
  caller: Caller,
  scope: CoverageScope,
): Promise<ProjectCoverage[]> {
  const projects = new Map<string, ProjectCoverage>();
  for (const kind of ['instance', 'volume'] as const) {
    for (let marker: string | undefined, isFirst = true; isFirst || marker !== undefined; isFirst = false) {
      const page = await pageOf(deps, kind)(caller, { ...scope, limit: pageSize, marker });
      for (const { projectId, protection } of page.items) {
        const project = projects.get(projectId) ?? { projectId, instances: none(), volumes: none() };
        projects.set(projectId, project);
        project[`${kind}s`][protection.state] += 1;
      }
      marker = page.nextMarker;
    }
  }
  return [...projects.values()].sort(
    (one, other) => gaps(other) - gaps(one) || (one.projectId < other.projectId ? -1 : 1),
  );
}

function none(): CoverageCounts {
  return { protected: 0, stale: 0, unprotected: 0 };
}

function gaps({ instances, volumes }: ProjectCoverage): number {
  return instances.unprotected + instances.stale + volumes.unprotected + volumes.stale;
}
