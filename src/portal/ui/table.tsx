import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { languageTag, t } from '../i18n/locale.ts';
import { Icon } from './icons.tsx';
import { nextSorting, sortRows, type SortKey, type Sorting } from './sort-rows.ts';

export interface Column<R> {
  id: string;
  title: string;
  cell: (row: R) => ComponentChildren;
  /** Left out for what has no order. */
  sortKey?: (row: R) => SortKey;
  /** Right-aligned figures. */
  numeric?: boolean;
  /** The row's name: a heading of the row, and of its card on a narrow screen. */
  rowHeader?: boolean;
}

interface TableProps<R> {
  /** What the table is; read out before it. */
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  /** All rows are here, so that sorting them sorts the list; a part of it keeps the service's order. */
  complete: boolean;
}

/** A table that becomes a list of cards where it is narrow; its roles are told, since the cards take them from the elements. */
export function Table<R>({ caption, columns, rows, rowKey, complete }: TableProps<R>): VNode {
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined);
  const sorted = columns.find(({ id }) => id === sorting?.column)?.sortKey;
  const shown =
    complete && sorting !== undefined && sorted !== undefined
      ? sortRows(rows, sorted, { descending: sorting.descending, tag: languageTag() })
      : rows;
  return (
    <div class="table-box">
      <table role="table">
        <caption class="sr-only">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Head
                key={column.id}
                column={column}
                sorting={sorting?.column === column.id ? sorting : undefined}
                sortable={complete && column.sortKey !== undefined && rows.length > 1}
                onSort={() => setSorting(nextSorting(sorting, column.id))}
              />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((row) => (
            <tr role="row" key={rowKey(row)}>
              {columns.map((column) => (
                <Cell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<R> {
  column: Column<R>;
  sorting: Sorting | undefined;
  sortable: boolean;
  onSort: () => void;
}

function Head<R>({ column, sorting, sortable, onSort }: HeadProps<R>): VNode {
  const { title, numeric = false } = column;
  const direction = sorting === undefined ? 'none' : sorting.descending ? 'descending' : 'ascending';
  return (
    <th
      role="columnheader"
      scope="col"
      class={numeric ? 'numeric' : ''}
      aria-sort={sortable ? direction : undefined}
    >
      {sortable ? (
        <button type="button" class="sort" onClick={onSort}>
          {title}
          <Icon name={sorting?.descending === true ? 'down' : 'up'} />
        </button>
      ) : (
        title
      )}
      {title === '' && <span class="sr-only">{t('table.actions')}</span>}
    </th>
  );
}

function Cell<R>({ column, row }: { column: Column<R>; row: R }): VNode {
  const { cell, title, numeric = false, rowHeader = false } = column;
  const className = numeric ? 'numeric' : '';
  return rowHeader ? (
    <th role="rowheader" scope="row" class={className} data-title={title}>
      {cell(row)}
    </th>
  ) : (
    <td role="cell" class={className} data-title={title}>
      {cell(row)}
    </td>
  );
}
