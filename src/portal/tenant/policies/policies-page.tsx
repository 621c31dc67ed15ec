import type { VNode } from 'preact';
import type { Policy } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Code } from '../../ui/code.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import type { Column } from '../../ui/table.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { consistencyName } from '../points-table.tsx';
import { retentionText, scheduleText } from '../policy-facts.tsx';
import { policySorts, readPolicies } from './read-policies.ts';

const states = ['enabled', 'disabled'] as const;

/** The policies that the project may choose, and the ways to choose one. */
export function PoliciesPage(): VNode {
  const [search, setSearch] = useQueryState('name');
  const [stateText, setState] = useQueryState('state');
  const state = states.find((one) => one === stateText);
  const { sort, sorting } = useSorting(policySorts);
  const choice = {
    search: search === '' ? undefined : search,
    enabled: state && (state === 'enabled' ? 'true' : 'false'),
    sort,
  } as const;
  const pages = usePages(`policies ${search} ${state ?? ''} ${sort ?? ''}`, (marker, signal) =>
    readPolicies(choice, marker, signal),
  );
  const isFiltered = search !== '' || state !== undefined;
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page title={t('policies.title')}>
      <p class="hint">
        {t('policies.help')} {t(mayChange ? 'policies.who.change' : 'policies.who.read')}
      </p>
      <div class="filters">
        <FilterSelect
          label={t('column.state')}
          value={state}
          known={states}
          title={(value) => t(`policy.${value}`)}
          onChange={setState}
        />
        <SearchField label={t('filter.name')} value={search} onSearch={setSearch} />
      </div>
      <List
        caption={t('policies.title')}
        pages={pages}
        columns={columns()}
        rowKey={({ id }) => id}
        api={sorting}
        empty={
          isFiltered
            ? { title: t('list.noMatch') }
            : { title: t('policies.none'), children: <p>{t('policies.none.help')}</p> }
        }
      />
      <HowToChoose example={pages.items?.find(({ published }) => published)?.name ?? 'NAME'} />
    </Page>
  );
}

/** What whoever may change an instance can do without this portal, and what goes before what. */
function HowToChoose({ example }: { example: string }): VNode {
  return (
    <>
      <Card title={t('policies.choice')}>
        <p>{t('policies.choice.help')}</p>
        <p>
          <Code text={`openstack server set --property emberkeep:policy=${example} INSTANCE`} />
        </p>
        <p>
          <Code
            text={`openstack --os-compute-api-version 2.26 server set --tag emberkeep:policy=${example} INSTANCE`}
          />
        </p>
      </Card>
      <Card title={t('policies.order')}>
        <p>{t('policies.order.help')}</p>
        <ol class="ranks">
          {([1, 2, 3, 4] as const).map((rank) => (
            <li key={rank}>{t(`policies.order.${rank}`)}</li>
          ))}
        </ol>
      </Card>
    </>
  );
}

function columns(): Column<Policy>[] {
  return [
    {
      id: 'name',
      title: t('column.policy'),
      apiSort: 'name',
      rowHeader: true,
      cell: ({ name, description }) => (
        <div>
          <a href={`/portal/policies/${encodeURIComponent(name)}`}>{name}</a>
          {description !== '' && <p class="hint">{description}</p>}
        </div>
      ),
    },
    { id: 'schedule', title: t('policy.schedule'), cell: scheduleText },
    { id: 'retention', title: t('policy.retention'), cell: retentionText },
    {
      id: 'consistency',
      title: t('column.consistency'),
      cell: ({ consistency }) => consistencyName(consistency),
    },
    {
      id: 'state',
      title: t('column.state'),
      apiSort: 'enabled',
      cell: (policy) => <PolicyState policy={policy} />,
    },
  ];
}

export function PolicyState({ policy: { enabled } }: { policy: Policy }): VNode {
  return <Badge tone={enabled ? 'good' : 'idle'}>{t(enabled ? 'policy.enabled' : 'policy.disabled')}</Badge>;
}
