import { cellText, chooseColumns, humanText, type Column, type OutputOptions } from './columns.ts';

/** Many things, one a row. */
export async function renderList<T>(
  rows: readonly T[],
  all: readonly Column<T>[],
  { format, columns: titles }: OutputOptions,
): Promise<string> {
  const columns = chooseColumns(all, titles);
  switch (format) {
    case 'table':
      return await table(
        columns.map(({ title }) => title),
        rows.map((row) => columns.map((column) => humanText(column, row))),
        columns.map((column) => alignment(rows.map((row) => column.value(row)))),
      );
    case 'json':
      return json(rows.map((row) => toRecord(columns, row)));
    case 'yaml':
      return await yaml(rows.map((row) => toRecord(columns, row)));
    case 'csv':
      return [
        columns.map(({ title }) => title),
        ...rows.map((row) => columns.map((column) => cellText(column.value(row)))),
      ]
        .map((cells) => `${cells.map(csvCell).join(',')}\n`)
        .join('');
    case 'value':
      return rows
        .map((row) => `${columns.map((column) => lineText(column.value(row))).join(' ')}\n`)
        .join('');
  }
}

/** One thing, one field a row. */
export async function renderRecord<T>(
  thing: T,
  all: readonly Column<T>[],
  { format, columns: titles }: OutputOptions,
): Promise<string> {
  const columns = chooseColumns(all, titles);
  switch (format) {
    case 'table':
      return await table(
        ['Field', 'Value'],
        columns.map((column) => [column.title, humanText(column, thing)]),
      );
    case 'json':
      return json(toRecord(columns, thing));
    case 'yaml':
      return await yaml(toRecord(columns, thing));
    case 'csv':
      return await renderList([thing], columns, { format, columns: [] });
    case 'value':
      return columns.map((column) => `${lineText(column.value(thing))}\n`).join('');
  }
}

function toRecord<T>(columns: readonly Column<T>[], row: T): Record<string, unknown> {
  return Object.fromEntries(columns.map((column) => [column.title, column.value(row) ?? null]));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function yaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value);
}

/** A field of a line-oriented format never brings a line break of its own. */
function lineText(value: unknown): string {
  return cellText(value).replaceAll('\n', '\\n');
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

type Alignment = 'left' | 'right';

/** Columns of numbers stand at the right, as in the `openstack` command. */
function alignment(values: unknown[]): Alignment {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 && known.every((value) => typeof value === 'number') ? 'right' : 'left';
}

/** The box that the `openstack` command draws. */
async function table(head: string[], rows: string[][], colAligns: Alignment[] = []): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const drawn = new Table({ head, style: { head: [], border: [] }, chars: box, colAligns });
  drawn.push(...rows);
  const lines = drawn.toString().split('\n');
  // A line under the head only: cli-table3 puts one under every row.
  return `${lines.filter((line, index) => index <= 2 || index === lines.length - 1 || !/^\+[-+]+\+$/.test(line)).join('\n')}\n`;
}

const box = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  'left-mid': '+',
  mid: '-',
  'mid-mid': '+',
  right: '|',
  'right-mid': '+',
  middle: '|',
};
