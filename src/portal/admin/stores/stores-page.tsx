import type { VNode } from 'preact';
import { formatBytes } from '../../ui/format.ts';
import { Page } from '../../ui/page.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { readOverview, readStores, storeName } from '../read.ts';
import { ta } from '../text.ts';
import { VerificationsCard } from './verifications-card.tsx';

/** Where points are, how much is there, and when it was last looked at. */
export function StoresPage(): VNode {
  const stores = useQuery('admin/stores', readStores);
  const overview = useQuery('admin/overview', readOverview);
  const sums = overview.data?.stores ?? [];
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
          rowKey={({ id }) => id}
          complete
          columns={[
            {
              id: 'id',
              title: ta('column.store'),
              rowHeader: true,
              sortKey: ({ id }) => storeName(id, data),
              cell: ({ id }) => (
                <a href={`/portal/admin/stores/${encodeURIComponent(id)}`}>{storeName(id, data)}</a>
              ),
            },
            {
              id: 'links',
              title: ta('usage.links'),
              numeric: true,
              cell: ({ id }) => sums.find(({ store_id: store }) => store === id)?.links ?? '',
            },
            {
              id: 'stored',
              title: ta('usage.stored'),
              numeric: true,
              cell: ({ id }) => {
                const sum = sums.find(({ store_id: store }) => store === id);
                return sum === undefined ? '' : formatBytes(sum.stored_bytes);
              },
            },
            {
              id: 'created',
              title: ta('stores.since'),
              cell: ({ created_at: at }) => <Time at={at} />,
            },
          ]}
        />
      )}
      <VerificationsCard />
    </Page>
  );
}
