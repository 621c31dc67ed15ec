import type { VNode } from 'preact';
import { Code } from '../ui/code.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import { SearchField } from '../ui/search-field.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { Filters, ProjectFilter, SinceFilter, sinceOf } from './filters.tsx';
import { ProjectName, useProjectNames, type ProjectNames } from './project-names.tsx';
import { readAudit, type AuditEntry } from './read.ts';
import { ta, word } from './text.ts';

const results = ['allowed', 'refused', 'deleted', 'expired'] as const;

/** Who did what, and what was refused. */
export function AuditPage(): VNode {
  const [since, setSince] = useQueryState('since');
  const [action, setAction] = useQueryState('action');
  const [result, setResult] = useQueryState('result');
  const [user, setUser] = useQueryState('user');
  const [request, setRequest] = useQueryState('request');
  const [project, setProject] = useQueryState('project');
  const { sort, sorting } = useSorting(['at']);
  const names = useProjectNames();
  const pages = usePages(
    `admin/audit ${since} ${action} ${result} ${user} ${request} ${project} ${sort ?? ''}`,
    (marker, signal) =>
      readAudit(
        {
          since: sinceOf(since),
          action,
          result,
          user_id: user,
          request_id: request,
          project_id: project,
          sort,
          marker,
        },
        signal,
      ),
  );
  return (
    <Page title={ta('audit.title')}>
      <Filters>
        <SinceFilter value={since} onChange={setSince} />
        <SearchField label={ta('audit.action')} value={action} onSearch={setAction} />
        <FilterSelect
          label={ta('audit.result')}
          value={result}
          known={results}
          title={(value) => word('result', value)}
          onChange={setResult}
        />
        <ProjectFilter value={project} onChange={setProject} />
        <SearchField label={ta('audit.user')} value={user} onSearch={setUser} />
        <SearchField label={ta('column.request')} value={request} onSearch={setRequest} />
      </Filters>
      <List
        caption={ta('audit.title')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={{ title: ta('audit.none'), children: ta('audit.noneHelp') }}
        columns={columns(names, setUser)}
      />
    </Page>
  );
}

function columns(names: ProjectNames, onUser: (id: string) => void): Column<AuditEntry>[] {
  return [
    {
      id: 'at',
      apiSort: 'at',
      title: ta('audit.at'),
      rowHeader: true,
      cell: ({ at }) => <Time at={at} absolute />,
    },
    {
      id: 'user',
      title: ta('audit.who'),
      cell: (entry) => <Who entry={entry} onChoose={onUser} />,
    },
    {
      id: 'action',
      title: ta('audit.action'),
      cell: (entry) => <code class="word">{entry.action}</code>,
    },
    {
      id: 'result',
      title: ta('audit.result'),
      cell: (entry) =>
        entry.result === 'refused' ? (
          <strong class="bad-text">{word('result', entry.result)}</strong>
        ) : (
          word('result', entry.result)
        ),
    },
    {
      id: 'project',
      title: ta('column.project'),
      cell: ({ project_id: id }) => <ProjectName id={id} names={names} />,
    },
    {
      id: 'target',
      title: ta('audit.target'),
      cell: ({ target }) => <Target target={target} />,
    },
    {
      id: 'request',
      title: ta('column.request'),
      cell: ({ request_id: id }) => (id === null ? '' : <Code text={id} />),
    },
  ];
}

/** Who it was and from where; choosing the name shows what else they did. */
function Who({ entry, onChoose }: { entry: AuditEntry; onChoose: (id: string) => void }): VNode {
  const { user_id: id, user_name: name, actor } = entry;
  const address = actor['address'];
  return (
    <>
      {id === null ? (
        name
      ) : (
        <button
          type="button"
          class="link"
          title={ta('audit.only', { user: name ?? id })}
          onClick={() => onChoose(id)}
        >
          {name ?? id}
        </button>
      )}
      {typeof address === 'string' && address !== '' && <span class="hint"> {address}</span>}
    </>
  );
}

/** What tells most, and all of it on demand. */
function Target({ target }: { target: Record<string, unknown> }): VNode {
  const named = ['source_name', 'name', 'policy', 'mode', 'reason', 'code', 'path'];
  const brief = named.flatMap((key) => (typeof target[key] === 'string' ? [target[key]] : []));
  return (
    <details class="raw">
      <summary>{brief.length === 0 ? ta('audit.details') : brief.join(', ')}</summary>
      <pre tabIndex={0}>{JSON.stringify(target, null, 2)}</pre>
    </details>
  );
}
