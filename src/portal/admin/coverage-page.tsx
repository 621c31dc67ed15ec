import type { VNode } from 'preact';
import { api, take } from '../api/client.ts';
import type { ProjectCoverage } from '../api/types.ts';
import { Code } from '../ui/code.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import type { Column } from '../ui/table.tsx';
import { usePages } from '../ui/use-pages.ts';
import { ta } from './texts.ts';

/** Every project with what is protected in it, the largest gaps first. */
export function CoveragePage(): VNode {
  const pages = usePages('coverage of all projects', async (_marker, signal) => {
    const query = { all_projects: 'true' as const };
    const answer = await take(
      api.GET('/v1/coverage/projects', { params: { query }, ...(signal === undefined ? {} : { signal }) }),
    );
    return { items: answer.projects, next: undefined };
  });
  return (
    <Page title={ta('coverage.title')}>
      <List
        caption={ta('coverage.title')}
        pages={pages}
        columns={columns()}
        rowKey={({ project_id: id }) => id}
        empty={{ title: ta('coverage.none') }}
      />
    </Page>
  );
}

function columns(): Column<ProjectCoverage>[] {
  return [
    {
      id: 'project',
      title: ta('column.project'),
      rowHeader: true,
      cell: ({ project_id: id }) => <Code text={id} />,
    },
    {
      id: 'instances',
      title: ta('column.instances'),
      sortKey: ({ instances }) => instances.unprotected,
      cell: ({ instances }) => counts(instances),
    },
    {
      id: 'volumes',
      title: ta('column.volumes'),
      sortKey: ({ volumes }) => volumes.unprotected,
      cell: ({ volumes }) => counts(volumes),
    },
  ];
}

function counts({ protected: safe, stale, unprotected }: ProjectCoverage['instances']): string {
  return `${safe}, ${stale}, ${unprotected}`;
}
