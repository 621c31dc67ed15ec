import type { ComponentChildren, VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { scopeEpoch } from '../session/session.ts';
import { Button } from './button.tsx';
import { Empty, ErrorBox, Loading } from './states.tsx';
import { Table, type ApiSorting, type Column } from './table.tsx';
import type { Pages } from './use-pages.ts';

interface ListProps<R> {
  caption: string;
  pages: Pages<R>;
  columns: readonly Column<R>[];
  rowKey: (row: R) => string;
  /** Says that there is nothing, and what to do about it. */
  empty: { title: string; children?: ComponentChildren };
  api?: ApiSorting | undefined;
}

interface Kept<R> {
  items: R[];
  sort: string | undefined;
  /** Of the session, when they were read. */
  scope: number;
}

/** The rows stay while they come in another order, so that the head that was clicked keeps the focus; those of others do not. */
function rowsToKeep<R>(
  kept: Kept<R> | undefined,
  { sort, error }: { sort: string | undefined; error: unknown },
): R[] | undefined {
  if (kept === undefined || error !== undefined) return undefined;
  return kept.sort !== sort && kept.scope === scopeEpoch.value ? kept.items : undefined;
}

/** A list in all its states: coming, not to be had, empty, there, and with more to come. */
export function List<R>({ caption, pages, columns, rowKey, empty, api }: ListProps<R>): VNode {
  const kept = useRef<Kept<R> | undefined>(undefined);
  const { error, loading, complete, more, reload } = pages;
  const items = pages.items ?? rowsToKeep(kept.current, { sort: api?.sort, error });
  if (pages.items !== undefined)
    kept.current = { items: pages.items, sort: api?.sort, scope: scopeEpoch.value };
  if (items === undefined)
    return error === undefined ? <Loading lines={6} /> : <ErrorBox error={error} onRetry={reload} />;
  return (
    <>
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {items.length === 0 ? (
        <Empty title={empty.title}>{empty.children}</Empty>
      ) : (
        <Table caption={caption} columns={columns} rows={items} rowKey={rowKey} api={api} />
      )}
      <div class="list-foot">
        <span aria-live="polite">{t.count(complete ? 'list.all' : 'list.some', items.length)}</span>
        {!complete && (
          <Button busy={loading} onClick={more}>
            {t('list.more')}
          </Button>
        )}
      </div>
    </>
  );
}
