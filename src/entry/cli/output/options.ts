import { Option, type Command } from 'commander';
import { collect } from '../arguments.ts';
import { print, type CliContext } from '../context.ts';
import { formats, type Column, type Format } from './columns.ts';
import { renderList, renderRecord } from './render.ts';

export interface FormatOptions {
  format: Format;
  column?: string[];
}

/** -f and -c, as every command that prints a result takes them. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(new Option('-f, --format <FORMAT>', 'output format').choices(formats).default('table'))
    .option('-c, --column <COLUMN>', 'show only this column (repeatable)', collect);
}

export async function printList<T>(
  context: CliContext,
  rows: readonly T[],
  columns: readonly Column<T>[],
  { format, column = [] }: FormatOptions,
): Promise<void> {
  print(context, await renderList(rows, columns, { format, columns: column }));
}

export async function printRecord<T>(
  context: CliContext,
  thing: T,
  columns: readonly Column<T>[],
  { format, column = [] }: FormatOptions,
): Promise<void> {
  print(context, await renderRecord(thing, columns, { format, columns: column }));
}
