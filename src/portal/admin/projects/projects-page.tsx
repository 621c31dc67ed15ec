import type { VNode } from 'preact';
import { api, nextMarker, take } from '../../api/client.ts';
import { Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useQuery } from '../../ui/use-query.ts';
import { CoverageBar } from '../charts/coverage-bar.tsx';
import { Filters } from '../filters.tsx';
import { given } from '../given.ts';
import { useProjectNames } from '../project-names.tsx';
import { at, readProjectCoverage, type ProjectCoverage, type ProjectSettings } from '../read.ts';
import { ta, word } from '../text.ts';
import { mergeProjects, type ProjectRow } from './merge-projects.ts';

/** Every project: how it is protected, and what its tenants may restore. */
export function ProjectsPage(): VNode {
  const [search, setSearch] = useQueryState('search');
  const names = useProjectNames();
  const coverage = useQuery('admin/coverage', readProjectCoverage);
  const settings = useQuery('admin/project-settings', readSettings);
  const error = settings.error;
  return (
    <Page title={ta('projects.title')}>
      <Filters>
        <SearchField label={ta('projects.search')} value={search} onSearch={setSearch} />
      </Filters>
      {coverage.error !== undefined && <ErrorBox error={coverage.error} onRetry={coverage.reload} />}
      {error !== undefined && <ErrorBox error={error} onRetry={settings.reload} />}
      {settings.data === undefined ? (
        error === undefined && <Loading lines={6} />
      ) : (
        <Projects
          rows={mergeProjects({ names, coverage: coverage.data, settings: settings.data }, search)}
          counted={coverage.data !== undefined || coverage.error !== undefined}
        />
      )}
    </Page>
  );
}

function Projects({ rows, counted }: { rows: readonly ProjectRow[]; counted: boolean }): VNode {
  if (rows.length === 0) return <Empty title={ta('projects.none')} />;
  return (
    <Table
      caption={ta('projects.title')}
      rows={rows}
      rowKey={({ id }) => id}
      complete
      columns={columns(counted)}
    />
  );
}

function columns(counted: boolean): Column<ProjectRow>[] {
  const bar = (kind: 'instances' | 'volumes'): Column<ProjectRow> => ({
    id: kind,
    title: ta(`coverage.${kind}`),
    sortKey: ({ coverage }) => gaps(coverage?.[kind]),
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
      sortKey: ({ name }) => name,
      cell: ({ id, name }) => (
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
      sortKey: ({ coverage }) => gaps(coverage?.instances),
      cell: ({ coverage }) => gaps(coverage?.instances) ?? '',
    },
    {
      id: 'restores',
      title: ta('projects.tenantRestores'),
      sortKey: ({ tenantRestores }) => String(tenantRestores),
      cell: ({ tenantRestores, approvalModes }) => restoresText(tenantRestores, approvalModes),
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
