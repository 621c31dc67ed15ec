import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { languageTag, t } from '../i18n/locale.ts';
import { Icon } from './icons.tsx';
import { OrderChoice } from './order-choice.tsx';
import { nextSorting, parseSort, sortRows, sortText, type SortKey, type Sorting } from './sort-rows.ts';

export interface Column<R> {
  id: string;
  title: string;
  cell: (row: R) => ComponentChildren;
  /** In a table that is here whole; left out for what has no order. */
  sortKey?: (row: R) => SortKey;
  /** The API's name of the order, in a list. */
  apiSort?: string;
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
  /** Sorts through the API, of which only a part is here. */
  api?: ApiSorting | undefined;
}

/** The order that the API was asked for, as `field:direction`, and how to ask for another one. */
export interface ApiSorting {
  sort: string;
  onSort: (sort: string) => void;
}

/** A table that becomes a list of cards where it is narrow; its roles are told, since the cards take them from the elements. */
export function Table<R>({ caption, columns, rows, rowKey, api }: TableProps<R>): VNode {
  const [own, setOwn] = useState<Sorting | undefined>(undefined);
  const sorting = api === undefined ? own : parseSort(api.sort);
  const onSort = (next: Sorting | undefined): void =>
    api === undefined ? setOwn(next) : api.onSort(sortText(next));
  /** What a column is sorted by, here or by the API; undefined for not at all. */
  const orderOf = ({ id, sortKey, apiSort }: Column<R>): string | undefined => {
    if (api !== undefined) return apiSort;
    return sortKey === undefined || rows.length < 2 ? undefined : id;
  };
  const orders = columns.flatMap((column) => {
    const order = orderOf(column);
    return order === undefined ? [] : [{ column: order, title: column.title }];
  });
  return (
    <>
      <OrderChoice orders={orders} sorting={sorting} onSort={onSort} />
      <div class="table-box">
        <table role="table">
          <caption class="sr-only">{caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <Head
                  key={column.id}
                  column={column}
                  order={orderOf(column)}
                  sorting={sorting}
                  onSort={onSort}
                />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {(api === undefined ? inOrder(rows, columns, own) : rows).map((row) => (
              <tr role="row" key={rowKey(row)}>
                {columns.map((column) => (
                  <Cell key={column.id} column={column} row={row} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function inOrder<R>(
  rows: readonly R[],
  columns: readonly Column<R>[],
  sorting: Sorting | undefined,
): readonly R[] {
  const key = columns.find(({ id }) => id === sorting?.column)?.sortKey;
  if (sorting === undefined || key === undefined) return rows;
  return sortRows(rows, key, { descending: sorting.descending, tag: languageTag() });
}

interface HeadProps<R> {
  column: Column<R>;
  /** What it sorts by; undefined when it does not. */
  order: string | undefined;
  sorting: Sorting | undefined;
  onSort: (sorting: Sorting | undefined) => void;
}

function Head<R>({ column: { title, numeric = false }, order, sorting, onSort }: HeadProps<R>): VNode {
  const className = numeric ? 'numeric' : '';
  if (order === undefined) {
    return (
      <th role="columnheader" scope="col" class={className}>
        {title === '' ? <span class="sr-only">{t('table.actions')}</span> : title}
      </th>
    );
  }
  const mine = sorting?.column === order ? sorting : undefined;
  const direction = mine === undefined ? 'none' : mine.descending ? 'descending' : 'ascending';
  return (
    <th role="columnheader" scope="col" class={className} aria-sort={direction}>
      <button type="button" class="sort" onClick={() => onSort(nextSorting(mine, order))}>
        {title}
        <Icon name={mine?.descending === true ? 'down' : 'up'} />
      </button>
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
