import type { VNode } from 'preact';
import type { Restore } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { FilterSelect } from '../ui/filter-select.tsx';
import { List } from '../ui/list.tsx';
import { Page } from '../ui/page.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { readRestores, restoreSorts } from './read-lists.ts';
import { restoreColumns } from './restore-columns.tsx';

const modes = [
  'volume',
  'replace',
  'in-place',
  'instance',
  'image',
] as const satisfies readonly Restore['mode'][];
const states = [
  'pending',
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'rejected',
  'expired',
  'undone',
] as const satisfies readonly Restore['state'][];
const refreshMs = 10_000;

export function RestoresPage(): VNode {
  const [modeText, setMode] = useQueryState('mode');
  const [stateText, setState] = useQueryState('state');
  const { sort, sorting } = useSorting(restoreSorts);
  const mode = modes.find((one) => one === modeText);
  const state = states.find((one) => one === stateText);
  const pages = usePages(
    `restores ${mode ?? ''} ${state ?? ''} ${sort ?? ''}`,
    (marker, signal) => readRestores({ mode, state, sort }, marker, signal),
    refreshMs,
  );
  return (
    <Page title={t('restores.title')}>
      <div class="filters">
        <FilterSelect
          label={t('column.mode')}
          value={mode}
          known={modes}
          title={(value) => t(`mode.${value}`)}
          onChange={setMode}
        />
        <FilterSelect
          label={t('column.state')}
          value={state}
          known={states}
          title={(value) => t(`restoreState.${value}`)}
          onChange={setState}
        />
      </div>
      <List
        caption={t('restores.title')}
        pages={pages}
        columns={restoreColumns()}
        rowKey={({ id }) => id}
        api={sorting}
        empty={{
          title: t(mode === undefined && state === undefined ? 'restores.none' : 'list.noMatch'),
          children: <p class="hint">{t('restores.none.help')}</p>,
        }}
      />
    </Page>
  );
}
