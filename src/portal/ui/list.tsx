import type { ComponentChildren, VNode } from 'preact';
import { t } from '../i18n/locale.ts';
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

/** A list in all its states: coming, not to be had, empty, there, and with more to come. */
export function List<R>({ caption, pages, columns, rowKey, empty, api }: ListProps<R>): VNode {
  const { items, error, loading, complete, more, reload } = pages;
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
