import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { api, take } from '../api/client.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { Select } from '../ui/form.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import { SearchField } from '../ui/search-field.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQuery } from '../ui/use-query.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { BackupDialog } from './backup-dialog.tsx';
import { CoverageTiles } from './coverage-tiles.tsx';
import { ProtectionBadge } from './protection-badge.tsx';
import { ProtectionReason } from './protection-reason.tsx';
import {
  instanceSorts,
  instanceStatuses,
  instanceViews,
  readInstances,
  type InstanceRow,
} from './read-instances.ts';

const refreshMs = 30_000;

/** The project's instances, and how each is protected. */
export function InstancesPage(): VNode {
  const [viewText, setView] = useQueryState('view');
  const [search, setSearch] = useQueryState('name');
  const [status, setStatus] = useQueryState('status');
  const { sort, sorting } = useSorting(instanceSorts);
  const [backingUp, setBackingUp] = useState<InstanceRow | undefined>(undefined);
  const view = instanceViews.find((one) => one === viewText) ?? 'all';
  const pages = usePages(
    `instances ${view} ${search} ${status} ${sort ?? ''}`,
    (marker, signal) => readInstances({ view, search, status, sort }, marker, signal),
    refreshMs,
  );
  const coverage = useQuery('coverage', async (signal) => {
    return (await take(api.GET('/v1/coverage/projects', { params: { query: {} }, signal }))).projects;
  });
  const mayChange = currentSession()?.rights.change === true;
  const isGone = view === 'deleted';
  const isFiltered = view !== 'all' || search !== '' || (status !== '' && !isGone);
  return (
    <Page title={t('instances.title')}>
      {coverage.data !== undefined && (
        <CoverageTiles counts={coverage.data.map(({ instances }) => instances)} />
      )}
      <div class="filters">
        <Select
          label={t('instances.view')}
          value={view}
          options={instanceViews.map((value) => ({ value, label: t(`instances.view.${value}`) }))}
          onChange={(value) => setView(value === 'all' ? '' : value)}
        />
        {!isGone && (
          <FilterSelect
            label={t('column.status')}
            value={status}
            known={instanceStatuses}
            title={(value) => value}
            onChange={setStatus}
          />
        )}
        <SearchField label={t('filter.name')} value={search} onSearch={setSearch} />
      </div>
      <List
        caption={t('instances.title')}
        pages={pages}
        columns={columnsFor(mayChange && !isGone ? setBackingUp : undefined)}
        rowKey={({ id }) => id}
        api={isGone ? undefined : sorting}
        empty={{ title: t(isFiltered ? 'list.noMatch' : 'instances.none') }}
      />
      {backingUp !== undefined && (
        <BackupDialog
          target={{ kind: 'instance', id: backingUp.id, name: backingUp.name }}
          onClose={() => setBackingUp(undefined)}
        />
      )}
    </Page>
  );
}

function columnsFor(onBackup: ((row: InstanceRow) => void) | undefined): Column<InstanceRow>[] {
  return [
    {
      id: 'name',
      title: t('column.name'),
      apiSort: 'name',
      rowHeader: true,
      cell: ({ id, name }) => <a href={`/portal/instances/${id}`}>{name}</a>,
    },
    {
      id: 'status',
      title: t('column.status'),
      apiSort: 'status',
      cell: ({ status }) => status,
    },
    {
      id: 'protection',
      title: t('column.protection'),
      apiSort: 'protection',
      cell: ({ protection, lastPoint }) => (
        <div>
          <ProtectionBadge protection={protection} />
          {protection !== null && protection.state !== 'protected' && (
            <ProtectionReason protection={protection} lastPoint={lastPoint} />
          )}
        </div>
      ),
    },
    {
      id: 'last',
      title: t('column.lastPoint'),
      apiSort: 'last_point_at',
      cell: ({ lastPoint }) => (lastPoint === null ? t('point.none') : <Time at={lastPoint.taken_at} />),
    },
    {
      id: 'next',
      title: t('column.nextRun'),
      apiSort: 'next_run_at',
      cell: ({ protection }) =>
        protection?.next_run_at == null ? '-' : <Time at={protection.next_run_at} />,
    },
    {
      id: 'policy',
      title: t('column.policy'),
      apiSort: 'policy',
      cell: ({ protection }) => protection?.policy ?? '-',
    },
    ...(onBackup === undefined
      ? []
      : [
          {
            id: 'actions',
            title: '',
            cell: (row: InstanceRow) => (
              <Button
                look="quiet"
                label={t('backup.ofNow', { name: row.name })}
                onClick={() => onBackup(row)}
              >
                {t('backup.now')}
              </Button>
            ),
          },
        ]),
  ];
}
