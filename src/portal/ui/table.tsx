import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { languageTag, t } from '../i18n/locale.ts';
import { Icon } from './icons.tsx';
import { nextSorting, parseSort, sortRows, sortText, type SortKey, type Sorting } from './sort-rows.ts';

export interface Column<R> {
  id: string;
  title: string;
  cell: (row: R) => ComponentChildren;
  /** Left out for what has no order. */
  sortKey?: (row: R) => SortKey;
  /** The API's name of the same order, for lists of which only a part is here. */
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
  /** All rows are here, so that sorting them sorts the list; a part of it keeps the service's order. */
  complete: boolean;
  api?: ApiSorting | undefined;
}

/** The order that the API was asked for, as `field:direction`, and how to ask for another one. */
export interface ApiSorting {
  sort: string;
  onSort: (sort: string) => void;
}

/** A table that becomes a list of cards where it is narrow; its roles are told, since the cards take them from the elements. */
export function Table<R>({ caption, columns, rows, rowKey, complete, api }: TableProps<R>): VNode {
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined);
  const sorted = columns.find(({ id }) => id === sorting?.column)?.sortKey;
  const shown =
    complete && sorting !== undefined && sorted !== undefined
      ? sortRows(rows, sorted, { descending: sorting.descending, tag: languageTag() })
      : rows;
  const asked = parseSort(api?.sort ?? '');
  /** How a column's head sorts: what is here, or through the API; undefined for not at all. */
  const sortOf = ({ id, sortKey, apiSort }: Column<R>): HeadSort | undefined => {
    if (api !== undefined && apiSort !== undefined && (!complete || asked?.column === apiSort)) {
      const onSort = (): void => api.onSort(sortText(nextSorting(asked, apiSort)));
      return { sorting: asked?.column === apiSort ? asked : undefined, onSort };
    }
    if (!complete || sortKey === undefined || rows.length < 2) return undefined;
    const onSort = (): void => setSorting(nextSorting(sorting, id));
    return { sorting: sorting?.column === id ? sorting : undefined, onSort };
  };
  return (
    <div class="table-box">
      <table role="table">
        <caption class="sr-only">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={sortOf(column)} />
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

interface HeadSort {
  sorting: Sorting | undefined;
  onSort: () => void;
}

interface HeadProps<R> {
  column: Column<R>;
  sort: HeadSort | undefined;
}

function Head<R>({ column: { title, numeric = false }, sort }: HeadProps<R>): VNode {
  const className = numeric ? 'numeric' : '';
  if (sort === undefined) {
    return (
      <th role="columnheader" scope="col" class={className}>
        {title === '' ? <span class="sr-only">{t('table.actions')}</span> : title}
      </th>
    );
  }
  const { sorting, onSort } = sort;
  const direction = sorting === undefined ? 'none' : sorting.descending ? 'descending' : 'ascending';
  return (
    <th role="columnheader" scope="col" class={className} aria-sort={direction}>
      <button type="button" class="sort" onClick={onSort}>
        {title}
        <Icon name={sorting?.descending === true ? 'down' : 'up'} />
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
