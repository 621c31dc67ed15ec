import type { VNode } from 'preact';
import { api, take } from '../api/client.ts';
import { useQuery } from '../ui/use-query.ts';
import { ta } from './text.ts';

export type ProjectNames = ReadonlyMap<string, string>;

const keptMs = 60_000;
let kept: { at: number; names: Promise<ProjectNames> } | undefined;

/** Names of all projects by id, asked for once a minute whichever page wants them; empty while they are on their way. */
export function useProjectNames(): ProjectNames {
  return useQuery('project-names', readNames).data ?? new Map();
}

function readNames(): Promise<ProjectNames> {
  if (kept === undefined || Date.now() - kept.at > keptMs) {
    const names = take(api.GET('/v1/project-names')).then(
      ({ projects }) => new Map(projects.map(({ id, name }) => [id, name])),
    );
    kept = { at: Date.now(), names };
    // What failed is asked for again by the next page.
    names.catch(() => (kept = undefined));
  }
  return kept.names;
}

interface ProjectNameProps {
  id: string | null;
  names: ProjectNames;
  /** A link to the project's page. */
  link?: boolean;
}

/** A project by its name, its id in the title; by its id where Keystone told no name. */
export function ProjectName({ id, names, link = false }: ProjectNameProps): VNode {
  if (id === null) return <span class="hint">{ta('project.none')}</span>;
  const name = names.get(id) ?? id;
  return link ? (
    <a href={`/portal/admin/projects/${id}`} title={id}>
      {name}
    </a>
  ) : (
    <span title={id}>{name}</span>
  );
}
