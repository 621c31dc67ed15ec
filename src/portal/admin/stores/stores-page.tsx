import type { VNode } from 'preact';
import { t } from '../../i18n/locale.ts';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { formatBytes } from '../../ui/format.ts';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters } from '../filters.tsx';
import { readStorePage, storeName, type Store } from '../read.ts';
import { ta } from '../text.ts';
import { StoreState } from './store-state.tsx';
import { VerificationsCard } from './verifications-card.tsx';

const limit = 100;
const states = ['available', 'away', 'unconfigured'] as const;

/** Where points are, how much is there, and when it was last looked at. */
export function StoresPage(): VNode {
  const [stateText, setState] = useQueryState('state');
  const state = oneOf(stateText, states);
  const { sort, sorting } = useSorting(['name', 'links', 'stored_bytes', 'free_bytes', 'created_at']);
  const pages = usePages(`admin/list of stores ${state ?? ''} ${sort ?? ''}`, (marker, signal) =>
    readStorePage({ limit, state, sort, marker }, signal),
  );
  return (
    <Page title={ta('stores.title')}>
      <Filters>
        <FilterSelect
          label={ta('column.state')}
          value={state}
          known={states}
          title={(value) => ta(`stores.state.${value}`)}
          onChange={setState}
        />
      </Filters>
      <List
        caption={ta('stores.title')}
        pages={pages}
        api={sorting}
        rowKey={keyOf}
        empty={{ title: state === undefined ? ta('stores.none') : t('list.noMatch') }}
        columns={[
          {
            id: 'id',
            apiSort: 'name',
            title: ta('column.store'),
            rowHeader: true,
            cell: (store) => <StoreLink store={store} />,
          },
          { id: 'state', title: ta('column.state'), cell: (store) => <StoreState store={store} /> },
          {
            id: 'links',
            apiSort: 'links',
            title: ta('usage.links'),
            numeric: true,
            cell: ({ links }) => links,
          },
          {
            id: 'stored',
            apiSort: 'stored_bytes',
            title: ta('usage.stored'),
            numeric: true,
            cell: ({ stored_bytes: stored }) => formatBytes(stored),
          },
          {
            id: 'free',
            apiSort: 'free_bytes',
            title: ta('stores.free'),
            numeric: true,
            cell: ({ free_bytes: free }) => (free === null ? '' : formatBytes(free)),
          },
          {
            id: 'created',
            apiSort: 'created_at',
            title: ta('stores.since'),
            cell: ({ created_at: at }) => (at === null ? '' : <Time at={at} />),
          },
        ]}
      />
      <VerificationsCard />
    </Page>
  );
}

/** One that was never there has no id yet. */
function keyOf({ id, name }: Store): string {
  return id ?? name ?? '';
}

function StoreLink({ store }: { store: Store }): VNode {
  const key = keyOf(store);
  return (
    <>
      <a href={`/portal/admin/stores/${encodeURIComponent(key)}`}>{storeName(key, [store])}</a>
      {store.default && <span class="hint"> {ta('stores.default')}</span>}
    </>
  );
}
