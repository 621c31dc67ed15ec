import type { ProjectCoverage, ProjectSettings } from '../read.ts';

export interface ProjectRow {
  id: string;
  name: string;
  /** undefined for one that has neither instances nor volumes, or that was not counted yet. */
  coverage: ProjectCoverage | undefined;
  tenantRestores: boolean;
  approvalModes: readonly string[];
}

interface Parts {
  names: ReadonlyMap<string, string>;
  coverage: readonly ProjectCoverage[] | undefined;
  settings: readonly ProjectSettings[];
}

/** All projects that anybody knows of, by name; `search` is a part of a name or id. Pure. */
export function mergeProjects({ names, coverage = [], settings }: Parts, search: string): ProjectRow[] {
  const ids = new Set([
    ...names.keys(),
    ...coverage.map(({ project_id: id }) => id),
    ...settings.map(({ id }) => id),
  ]);
  const wanted = search.toLowerCase();
  return [...ids]
    .map((id) => {
      const set = settings.find((one) => one.id === id);
      return {
        id,
        name: names.get(id) ?? id,
        coverage: coverage.find(({ project_id: counted }) => counted === id),
        tenantRestores: set?.tenant_restores ?? true,
        approvalModes: set?.approval_modes ?? [],
      };
    })
    .filter(({ id, name }) => name.toLowerCase().includes(wanted) || id.includes(wanted))
    .sort((one, other) => one.name.localeCompare(other.name));
}
