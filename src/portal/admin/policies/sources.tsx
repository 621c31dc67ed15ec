import type { VNode } from 'preact';
import { t } from '../../i18n/locale.ts';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Card } from '../../ui/page.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters, ProjectFilter } from '../filters.tsx';
import { ProjectName, useProjectNames, type ProjectNames } from '../project-names.tsx';
import { readSources, type Policy, type PolicySource } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';

const refreshMs = 15_000;
const reaches = ['instance', 'choice', 'metadata', 'tag', 'project', 'pool'] as const;
const lastStates = ['running', 'succeeded', 'failed', 'cancelled'] as const;
const sorts = ['source_name', 'reached_by', 'last_run_at', 'next_run_at'] as const;

/** What the policy protects, with its last and next run. */
export function Sources({ policy }: { policy: Policy }): VNode {
  const names = useProjectNames();
  const [project, setProject] = useQueryState('project');
  const [throughText, setThrough] = useQueryState('through');
  const [lastText, setLast] = useQueryState('last');
  const [through, last] = [oneOf(throughText, reaches), oneOf(lastText, lastStates)];
  const { sort, sorting } = useSorting(sorts);
  const pages = usePages(
    `admin/sources/${policy.id} ${project} ${through ?? ''} ${last ?? ''} ${sort ?? ''}`,
    (marker, signal) => {
      const filter = { project_id: project, reached_by: through, last_state: last, sort, marker };
      return readSources(policy.id, filter, signal);
    },
    refreshMs,
  );
  const isFiltered = project !== '' || through !== undefined || last !== undefined;
  return (
    <Card title={ta('policies.sources')}>
      <Filters>
        <ProjectFilter value={project} onChange={setProject} />
        <FilterSelect
          label={t('column.through')}
          value={through}
          known={reaches}
          title={(value) => t(`through.${value}`)}
          onChange={setThrough}
        />
        <FilterSelect
          label={ta('sources.last')}
          value={last}
          known={lastStates}
          title={(value) => word('state', value)}
          onChange={setLast}
        />
      </Filters>
      <List
        caption={ta('policies.sources')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={
          isFiltered
            ? { title: t('list.noMatch') }
            : { title: ta('sources.none'), children: ta('sources.noneHelp') }
        }
        columns={columns(names)}
      />
    </Card>
  );
}

function columns(names: ProjectNames): Column<PolicySource>[] {
  return [
    {
      id: 'name',
      apiSort: 'source_name',
      title: ta('column.name'),
      rowHeader: true,
      cell: ({ source_id: id, source_name: name, kind, gone }) => (
        <span title={id}>
          {name} <span class="hint">{gone ? ta('sources.gone') : word('source', kind)}</span>
        </span>
      ),
    },
    {
      id: 'project',
      title: ta('column.project'),
      cell: ({ project_id: id }) => <ProjectName id={id} names={names} link />,
    },
    {
      id: 'through',
      title: t('column.through'),
      apiSort: 'reached_by',
      cell: ({ reached_by: by }) => (by === null ? '' : t(`through.${by}`)),
    },
    {
      id: 'last',
      apiSort: 'last_run_at',
      title: ta('sources.last'),
      cell: ({ last_run_at: at, last_state: state, last_error: error }) => (
        <>
          {state !== null && <State state={state} {...(error === null ? {} : { title: error })} />}{' '}
          {at === null ? '' : <Time at={at} />}
        </>
      ),
    },
    {
      id: 'next',
      apiSort: 'next_run_at',
      title: ta('sources.next'),
      cell: ({ next_run_at: at }) => (at === null ? '' : <Time at={at} />),
    },
  ];
}
