import type { ComponentChildren, VNode } from 'preact';
import { ta } from '../text.ts';

interface ChartTableProps {
  caption: string;
  heads: readonly string[];
  rows: readonly (readonly ComponentChildren[])[];
}

/** The figures of a picture as a table: for screen readers, and for who wants to copy them. */
export function ChartTable({ caption, heads, rows }: ChartTableProps): VNode {
  return (
    <details class="chart-table">
      <summary>{ta('chart.table')}</summary>
      <div class="table-box" tabIndex={0} role="region" aria-label={caption}>
        <table class="plain-table">
          <caption class="sr-only">{caption}</caption>
          <thead>
            <tr>
              {heads.map((head, index) => (
                <th scope="col" class={index === 0 ? '' : 'numeric'} key={head}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, index) =>
                  index === 0 ? (
                    <th scope="row" key={index} data-title={heads[index]}>
                      {cell}
                    </th>
                  ) : (
                    <td class="numeric" key={index} data-title={heads[index]}>
                      {cell}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
