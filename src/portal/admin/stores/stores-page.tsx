import type { VNode } from 'preact';
import { formatBytes } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { readStores, storeName, type Store } from '../read.ts';
import { ta } from '../text.ts';
import { StoreState } from './store-state.tsx';
import { VerificationsCard } from './verifications-card.tsx';

/** Where points are, how much is there, and when it was last looked at. */
export function StoresPage(): VNode {
  const stores = useQuery('admin/stores', readStores);
  const { data, error, reload } = stores;
  return (
    <Page title={ta('stores.title')}>
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data?.length === 0 && <Empty title={ta('stores.none')} />}
      {data !== undefined && data.length > 0 && (
        <Table
          caption={ta('stores.title')}
          rows={data}
          rowKey={keyOf}
          complete
          columns={[
            {
              id: 'id',
              title: ta('column.store'),
              rowHeader: true,
              sortKey: (store) => storeName(keyOf(store), data),
              cell: (store) => <StoreLink store={store} stores={data} />,
            },
            { id: 'state', title: ta('column.state'), cell: (store) => <StoreState store={store} /> },
            { id: 'links', title: ta('usage.links'), numeric: true, cell: ({ links }) => links },
            {
              id: 'stored',
              title: ta('usage.stored'),
              numeric: true,
              cell: ({ stored_bytes: stored }) => formatBytes(stored),
            },
            {
              id: 'free',
              title: ta('stores.free'),
              numeric: true,
              cell: ({ free_bytes: free }) => (free === null ? '' : formatBytes(free)),
            },
            {
              id: 'created',
              title: ta('stores.since'),
              cell: ({ created_at: at }) => (at === null ? '' : <Time at={at} />),
            },
          ]}
        />
      )}
      <VerificationsCard />
    </Page>
  );
}

/** One that was never there has no id yet. */
function keyOf({ id, name }: Store): string {
  return id ?? name ?? '';
}

function StoreLink({ store, stores }: { store: Store; stores: readonly Store[] }): VNode {
  const key = keyOf(store);
  return (
    <>
      <a href={`/portal/admin/stores/${encodeURIComponent(key)}`}>{storeName(key, stores)}</a>
      {store.default && <span class="hint"> {ta('stores.default')}</span>}
    </>
  );
}
