import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { List } from '../../ui/list.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Page } from '../../ui/page.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { Filters } from '../filters.tsx';
import { readJobs, type Job } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';

const refreshMs = 10_000;
const shown = 20;
const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/** Reconciliations with what each found, and a new one. */
export function ReconcilePage(): VNode {
  const mayChange = currentSession()?.rights.administer === true;
  const [stateText, setState] = useQueryState('state');
  const state = oneOf(stateText, states);
  const { sort, sorting } = useSorting(['created_at', 'state']);
  const pages = usePages(
    `admin/reconciliations ${state ?? ''} ${sort ?? ''}`,
    (marker, signal) => readJobs({ kind: 'reconcile', state, sort, limit: shown, marker }, signal),
    refreshMs,
  );
  return (
    <Page title={ta('reconcile.title')} actions={mayChange && <Begin />}>
      <p class="hint">{ta('reconcile.hint')}</p>
      <Filters>
        <FilterSelect
          label={ta('column.state')}
          value={state}
          known={states}
          title={(value) => word('state', value)}
          onChange={setState}
        />
      </Filters>
      <List
        caption={ta('reconcile.title')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={
          state === undefined
            ? { title: ta('reconcile.none'), children: ta('reconcile.noneHelp') }
            : { title: t('list.noMatch') }
        }
        columns={[
          {
            id: 'created',
            apiSort: 'created_at',
            title: ta('column.created'),
            rowHeader: true,
            cell: ({ id, created_at: at }) => (
              <a href={`/portal/admin/reconcile/${id}`}>
                <Time at={at} absolute />
              </a>
            ),
          },
          {
            id: 'what',
            title: ta('column.kind'),
            cell: ({ target }) => ta(target['dry_run'] === true ? 'reconcile.dry' : 'reconcile.real'),
          },
          {
            id: 'state',
            title: ta('column.state'),
            apiSort: 'state',
            cell: (job) => <State state={job.state} />,
          },
          number('found', 'reconcile.found'),
          number('done', 'reconcile.done'),
          number('left', 'reconcile.left'),
          number('failed', 'reconcile.failed'),
          number('drifted', 'reconcile.drifted'),
          {
            id: 'by',
            title: ta('job.requestedBy'),
            cell: ({ requested_by: by }) => by.user_name,
          },
        ]}
      />
    </Page>
  );
}

function number(
  key: string,
  title: 'reconcile.found' | 'reconcile.done' | 'reconcile.left' | 'reconcile.failed' | 'reconcile.drifted',
) {
  return {
    id: key,
    title: ta(title),
    numeric: true,
    cell: ({ result }: Job) => countOf(result, key) ?? '',
  };
}

/** A count of a reconciliation's result; undefined before it has one. */
export function countOf(result: Job['result'], key: string): number | undefined {
  const value = result?.[key];
  return typeof value === 'number' ? value : undefined;
}

function Begin(): VNode {
  const [open, setOpen] = useState(false);
  const { route } = useLocation();
  const { busy, error, run } = useAction(async (dryRun: boolean) => {
    const { job } = await take(api.POST('/v1/reconciliations', { body: { dry_run: dryRun } }));
    toast(ta('reconcile.begun'));
    route(`/portal/admin/reconcile/${job.id}`);
  });
  return (
    <>
      <Button busy={busy && !open} onClick={() => run(true)}>
        {ta('reconcile.dry')}
      </Button>
      <Button look="danger" onClick={() => setOpen(true)}>
        {ta('reconcile.real')}
      </Button>
      {error !== undefined && !open && <ErrorBox error={error} />}
      {open && (
        <Dialog
          title={ta('reconcile.realTitle')}
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>{ta('action.back')}</Button>
              <Button look="danger" busy={busy} onClick={() => run(false)}>
                {ta('reconcile.real')}
              </Button>
            </>
          }
        >
          <p>{ta('reconcile.realHint')}</p>
          {error !== undefined && <ErrorBox error={error} />}
        </Dialog>
      )}
    </>
  );
}
