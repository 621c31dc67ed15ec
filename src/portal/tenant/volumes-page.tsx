import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { api, nextMarker, take } from '../api/client.ts';
import type { Volume } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import { SearchField } from '../ui/search-field.tsx';
import type { Sorted } from '../ui/sort-rows.ts';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { usePages, type ListPage } from '../ui/use-pages.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { BackupDialog } from './backup-dialog.tsx';
import { ProtectionBadge } from './protection-badge.tsx';
import { given } from './read-lists.ts';

const limit = 100;
const refreshMs = 30_000;
const states = ['protected', 'stale', 'unprotected'] as const;
const sorts = ['name', 'size', 'status', 'protection', 'last_point_at'] as const;

/** The project's volumes: those of instances are protected with them, the others by themselves. */
export function VolumesPage(): VNode {
  const [search, setSearch] = useQueryState('name');
  const [stateText, setState] = useQueryState('state');
  const state = states.find((one) => one === stateText);
  const { sort, sorting } = useSorting(sorts);
  const [backingUp, setBackingUp] = useState<Volume | undefined>(undefined);
  const pages = usePages(
    `volumes ${search} ${stateText} ${sort ?? ''}`,
    (marker, signal) => readVolumes({ search, state, sort }, marker, signal),
    refreshMs,
  );
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page title={t('volumes.title')}>
      <p class="hint">{t('volumes.help')}</p>
      <div class="filters">
        <FilterSelect
          label={t('column.protection')}
          value={state}
          known={states}
          title={(value) => t(`protection.${value}`)}
          onChange={setState}
        />
        <SearchField label={t('filter.name')} value={search} onSearch={setSearch} />
      </div>
      <List
        caption={t('volumes.title')}
        pages={pages}
        columns={columnsFor(mayChange ? setBackingUp : undefined)}
        rowKey={({ id }) => id}
        api={sorting}
        empty={{ title: t(search === '' && state === undefined ? 'volumes.none' : 'list.noMatch') }}
      />
      {backingUp !== undefined && (
        <BackupDialog
          target={{ kind: 'volume', id: backingUp.id, name: volumeName(backingUp) }}
          onClose={() => setBackingUp(undefined)}
        />
      )}
    </Page>
  );
}

interface VolumeChoice {
  search: string;
  state: (typeof states)[number] | undefined;
  sort: Sorted<(typeof sorts)[number]> | undefined;
}

async function readVolumes(
  { search, state, sort }: VolumeChoice,
  marker: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ListPage<Volume>> {
  const query = given({
    limit,
    marker,
    search: search === '' ? undefined : search,
    protection: state,
    sort,
  });
  const { volumes, links } = await take(api.GET('/v1/volumes', { params: { query }, ...given({ signal }) }));
  return { items: volumes, next: nextMarker(links) };
}

/** Cinder lets volumes be without a name. */
export function volumeName({ id, name }: Pick<Volume, 'id' | 'name'>): string {
  return name === '' ? id : name;
}

function columnsFor(onBackup: ((volume: Volume) => void) | undefined): Column<Volume>[] {
  return [
    {
      id: 'name',
      title: t('column.name'),
      rowHeader: true,
      apiSort: 'name',
      cell: (volume) => <a href={`/portal/volumes/${volume.id}`}>{volumeName(volume)}</a>,
    },
    {
      id: 'status',
      title: t('column.status'),
      apiSort: 'status',
      cell: ({ status }) => status,
    },
    {
      id: 'size',
      title: t('column.size'),
      numeric: true,
      apiSort: 'size',
      cell: ({ size_gib: size }) => `${size} GiB`,
    },
    {
      id: 'instances',
      title: t('column.attachedTo'),
      cell: ({ instance_ids: ids }) =>
        ids.length === 0
          ? t('volume.alone')
          : ids.map((id) => (
              <a key={id} href={`/portal/instances/${id}`}>
                {t('volume.instance', { id: id.slice(0, 8) })}
              </a>
            )),
    },
    {
      id: 'protection',
      title: t('column.protection'),
      apiSort: 'protection',
      cell: ({ protection }) => <ProtectionBadge protection={protection} />,
    },
    {
      id: 'last',
      title: t('column.lastPoint'),
      apiSort: 'last_point_at',
      cell: ({ last_point: point }) =>
        point === null ? (
          t('point.none')
        ) : (
          <a href={`/portal/points/${point.id}`}>
            <Time at={point.taken_at} />
          </a>
        ),
    },
    ...(onBackup === undefined
      ? []
      : [
          {
            id: 'actions',
            title: '',
            cell: (volume: Volume) => (
              <Button
                look="quiet"
                label={t('backup.ofNow', { name: volumeName(volume) })}
                onClick={() => onBackup(volume)}
              >
                {t('backup.now')}
              </Button>
            ),
          },
        ]),
  ];
}
