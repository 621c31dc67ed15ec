import type { VNode } from 'preact';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { LinkButton } from '../../ui/button.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import type { Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters } from '../filters.tsx';
import { readPolicies, type Policy } from '../read.ts';
import { ta } from '../text.ts';
import { retentionText, scheduleText } from './policy-words.ts';

const yesNo = ['true', 'false'] as const;

export function PoliciesPage(): VNode {
  const [search, setSearch] = useQueryState('name');
  const [stateText, setState] = useQueryState('state');
  const [publishedText, setPublished] = useQueryState('published');
  const [enabled, published] = [oneOf(stateText, yesNo), oneOf(publishedText, yesNo)];
  const { sort, sorting } = useSorting(['name', 'enabled', 'updated_at']);
  const pages = usePages(
    `admin/policies ${search} ${enabled ?? ''} ${published ?? ''} ${sort ?? ''}`,
    (marker, signal) => readPolicies({ search, enabled, published, sort, marker }, signal),
  );
  const isFiltered = search !== '' || enabled !== undefined || published !== undefined;
  const mayChange = currentSession()?.rights.administer === true;
  return (
    <Page
      title={ta('policies.title')}
      actions={
        mayChange && (
          <LinkButton href="/portal/admin/new-policy" look="primary">
            {ta('policies.new')}
          </LinkButton>
        )
      }
    >
      <Filters>
        <SearchField label={t('filter.name')} value={search} onSearch={setSearch} />
        <FilterSelect
          label={ta('column.state')}
          value={enabled}
          known={yesNo}
          title={(value) => ta(value === 'true' ? 'policy.enabled' : 'policy.disabled')}
          onChange={setState}
        />
        <FilterSelect
          label={ta('policies.forTenants')}
          value={published}
          known={yesNo}
          title={(value) => ta(value === 'true' ? 'policy.published' : 'policy.private')}
          onChange={setPublished}
        />
      </Filters>
      <List
        caption={ta('policies.title')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={
          isFiltered
            ? { title: t('list.noMatch') }
            : { title: ta('policies.none'), children: ta('policies.noneHelp') }
        }
        columns={columns()}
      />
    </Page>
  );
}

function columns(): Column<Policy>[] {
  return [
    {
      id: 'name',
      apiSort: 'name',
      title: ta('column.policy'),
      rowHeader: true,
      cell: ({ name }) => <a href={`/portal/admin/policies/${encodeURIComponent(name)}`}>{name}</a>,
    },
    {
      id: 'state',
      apiSort: 'enabled',
      title: ta('column.state'),
      cell: ({ enabled, published }) =>
        `${ta(enabled ? 'policy.enabled' : 'policy.disabled')}, ${ta(published ? 'policy.published' : 'policy.private')}`,
    },
    {
      id: 'schedule',
      title: ta('policy.schedule'),
      cell: ({ schedule }) => scheduleText(schedule),
    },
    {
      id: 'retention',
      title: ta('policy.retention'),
      cell: ({ retention }) => retentionText(retention),
    },
    {
      id: 'updated',
      apiSort: 'updated_at',
      title: ta('column.updated'),
      cell: ({ updated_at: at }) => <Time at={at} />,
    },
  ];
}
