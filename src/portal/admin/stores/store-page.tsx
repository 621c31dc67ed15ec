import type { ComponentChild, VNode } from 'preact';
import { Code } from '../../ui/code.tsx';
import { Select } from '../../ui/form.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useQuery } from '../../ui/use-query.ts';
import { UsageChart } from '../charts/usage-chart.tsx';
import { Filters } from '../filters.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { readStores, readUsage, storeName, storeOf, type Store } from '../read.ts';
import { ta } from '../text.ts';
import { StoreState } from './store-state.tsx';
import { VerificationsCard } from './verifications-card.tsx';

const spans = ['30', '90', '365'] as const;

/** How a store fills. */
export function StorePage({ id }: { id: string }): VNode {
  const [span, setSpan] = useQueryState('days');
  const days = oneOf(span, spans) ?? '90';
  const stores = useQuery('admin/stores', readStores);
  const usage = useQuery(`admin/usage/${id} ${days}`, (signal) => readUsage(id, Number(days), signal));
  const name = storeName(id, stores.data);
  const store = storeOf(id, stores.data);
  const { data, error, reload } = usage;
  // Its id would stand there for a moment.
  if (stores.data === undefined && stores.error === undefined)
    return (
      <Page title={ta('stores.title')}>
        <Loading lines={5} />
      </Page>
    );
  return (
    <Page title={name} crumbs={[{ title: ta('stores.title'), href: '/portal/admin/stores' }]}>
      <Card title={ta('usage.title', { store: name })}>
        <Filters>
          <Select
            label={ta('simulation.span')}
            value={days}
            onChange={(value) => setSpan(value === '90' ? '' : value)}
            options={spans.map((value) => ({ value, label: ta('simulation.days', { days: value }) }))}
          />
        </Filters>
        {data === undefined && error === undefined && <Loading lines={5} />}
        {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
        {data !== undefined && (
          <>
            <UsageChart usage={data} name={name} />
            <Facts
              facts={[
                [ta('usage.stored'), formatBytes(data.stored_bytes)],
                [ta('usage.links'), String(data.links)],
                ...(store === undefined ? [] : factsOf(store)),
              ]}
            />
            <p class="hint">{ta('usage.hint')}</p>
          </>
        )}
      </Card>
      <VerificationsCard />
    </Page>
  );
}

function factsOf(store: Store): [string, ComponentChild][] {
  const { id, url, free_bytes: free, total_bytes: total } = store;
  const space: [string, ComponentChild][] =
    free === null || total === null
      ? []
      : [[ta('stores.free'), ta('stores.freeOf', { free: formatBytes(free), total: formatBytes(total) })]];
  const known: [string, ComponentChild][] = id === null ? [] : [[ta('job.id'), <Code key="i" text={id} />]];
  return [
    [ta('column.state'), <StoreState key="s" store={store} />],
    ...space,
    [ta('stores.where'), <code key="u">{url}</code>],
    ...known,
  ];
}
