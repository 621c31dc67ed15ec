import type { VNode } from 'preact';
import { api, nextMarker, take } from '../../api/client.ts';
import { List } from '../../ui/list.tsx';
import { Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import type { Column } from '../../ui/table.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { useQuery } from '../../ui/use-query.ts';
import { CoverageBar } from '../charts/coverage-bar.tsx';
import { Filters } from '../filters.tsx';
import { given } from '../given.ts';
import {
  at,
  readProjectCoverage,
  readProjects,
  type Project,
  type ProjectCoverage,
  type ProjectSettings,
} from '../read.ts';
import { ta, word } from '../text.ts';

const limit = 100;

/** A project by name, with what is known of it: undefined while that is counted, and when nobody has set anything. */
interface ProjectRow {
  project: Project;
  coverage: ProjectCoverage | undefined;
  settings: ProjectSettings | undefined;
}

/** Every project: how it is protected, and what its tenants may restore. */
export function ProjectsPage(): VNode {
  const [search, setSearch] = useQueryState('search');
  const { sort, sorting } = useSorting(['name']);
  const names = usePages(`admin/projects ${search} ${sort ?? ''}`, (marker, signal) =>
    readProjects({ search, sort, limit, marker }, signal),
  );
  const coverage = useQuery('admin/coverage', readProjectCoverage);
  const settings = useQuery('admin/project-settings', readSettings);
  const pages = {
    ...names,
    items: names.items?.map((project) => ({
      project,
      coverage: coverage.data?.find(({ project_id: counted }) => counted === project.id),
      settings: settings.data?.find(({ id }) => id === project.id),
    })),
  };
  return (
    <Page title={ta('projects.title')}>
      <Filters>
        <SearchField label={ta('projects.search')} value={search} onSearch={setSearch} />
      </Filters>
      {coverage.error !== undefined && <ErrorBox error={coverage.error} onRetry={coverage.reload} />}
      {settings.error !== undefined && <ErrorBox error={settings.error} onRetry={settings.reload} />}
      <List
        caption={ta('projects.title')}
        pages={pages}
        api={sorting}
        rowKey={({ project }) => project.id}
        columns={columns({
          counted: coverage.data !== undefined || coverage.error !== undefined,
          known: settings.data !== undefined,
        })}
        empty={{ title: ta('projects.none') }}
      />
    </Page>
  );
}

interface Read {
  /** What is protected was counted, or could not be. */
  counted: boolean;
  /** What was set for projects is known. */
  known: boolean;
}

function columns({ counted, known }: Read): Column<ProjectRow>[] {
  const bar = (kind: 'instances' | 'volumes'): Column<ProjectRow> => ({
    id: kind,
    title: ta(`coverage.${kind}`),
    cell: ({ coverage }) =>
      counted ? (
        <CoverageBar counts={coverage?.[kind] ?? nothing} label={ta(`coverage.${kind}`)} />
      ) : (
        <Loading lines={1} />
      ),
  });
  return [
    {
      id: 'name',
      title: ta('column.project'),
      rowHeader: true,
      apiSort: 'name',
      cell: ({ project: { id, name } }) => (
        <a href={`/portal/admin/projects/${id}`} title={id}>
          {name}
        </a>
      ),
    },
    bar('instances'),
    bar('volumes'),
    {
      id: 'gaps',
      title: ta('column.gaps'),
      numeric: true,
      cell: ({ coverage }) => gaps(coverage?.instances) ?? '',
    },
    {
      id: 'restores',
      title: ta('projects.tenantRestores'),
      cell: ({ settings }) =>
        known ? restoresText(settings?.tenant_restores ?? true, settings?.approval_modes ?? []) : '',
    },
  ];
}

const nothing: ProjectCoverage['instances'] = { protected: 0, stale: 0, unprotected: 0 };

function gaps(counts: ProjectCoverage['instances'] | undefined): number | undefined {
  return counts === undefined ? undefined : counts.stale + counts.unprotected;
}

/** What tenants may do, in a few words. */
export function restoresText(allowed: boolean, modes: readonly string[]): string {
  if (!allowed) return ta('projects.noRestores');
  if (modes.length === 0) return ta('projects.freeRestores');
  return ta('projects.approvalFor', { modes: modes.map((mode) => word('mode', mode)).join(', ') });
}

/** Those that something was set for, all pages: as many as administrators ever touched. */
async function readSettings(signal: AbortSignal): Promise<ProjectSettings[]> {
  const all: ProjectSettings[] = [];
  for (let marker: string | undefined; ;) {
    const query = given({ limit: 1000, marker });
    const { projects, links } = await take(api.GET('/v1/projects', { params: { query }, ...at(signal) }));
    all.push(...projects);
    marker = nextMarker(links);
    if (marker === undefined) return all;
  }
}
