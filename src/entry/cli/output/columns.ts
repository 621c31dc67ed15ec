import { humanBytes } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { humanTime, printable } from '../human.ts';

export const formats = ['table', 'json', 'yaml', 'csv', 'value'] as const;
export type Format = (typeof formats)[number];

/** One column of a list, or one field of a single thing. */
export interface Column<T> {
  title: string;
  /** For machines: numbers stay numbers. */
  value: (row: T) => unknown;
  /** For people; by default the value as text. */
  human?: (row: T) => string;
}

export interface OutputOptions {
  format: Format;
  /** Titles to show, in this order; empty means all. */
  columns: string[];
}

export function textColumn<T>(title: string, value: (row: T) => string | null | undefined): Column<T> {
  return { title, value: (row) => value(row) ?? null };
}

export function bytesColumn<T>(title: string, bytes: (row: T) => number | null): Column<T> {
  return {
    title,
    value: bytes,
    human: (row) => {
      const value = bytes(row);
      return value === null ? '' : humanBytes(value);
    },
  };
}

export function timeColumn<T>(title: string, time: (row: T) => string | null | undefined): Column<T> {
  return { title, value: (row) => time(row) ?? null, human: (row) => humanTime(time(row) ?? '') };
}

export function chooseColumns<T>(columns: readonly Column<T>[], titles: string[]): readonly Column<T>[] {
  if (titles.length === 0) return columns;
  return titles.map((wanted) => {
    const plain = (title: string): string => title.toLowerCase().replace(/[ _-]/g, '');
    const column = columns.find(({ title }) => plain(title) === plain(wanted));
    if (column !== undefined) return column;
    throw new AppError(
      'INPUT_COLUMN',
      `there is no column ${JSON.stringify(wanted)}; there are ${columns.map(({ title }) => title).join(', ')}`,
    );
  });
}

/** A value as one cell of text. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return printable(JSON.stringify(value));
}

export function humanText<T>(column: Column<T>, row: T): string {
  return column.human === undefined ? cellText(column.value(row)) : printable(column.human(row));
}
