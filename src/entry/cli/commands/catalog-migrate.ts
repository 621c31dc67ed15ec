import type { Command } from 'commander';
import { say, type CliContext } from '../context.ts';
import type { DatabaseVersions } from '../deps.ts';
import { exitPartial } from '../exit-codes.ts';
import { chooseColumns, textColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { addExamples } from './examples.ts';
import type { Runner } from './run.ts';

interface MigrateOptions extends FormatOptions {
  check?: true;
}

const columns: readonly Column<DatabaseVersions>[] = [
  textColumn('from', ({ from }) => from ?? null),
  textColumn('to', ({ to }) => to),
  { title: 'migrations', value: ({ pending }) => pending, human: ({ pending }) => pending.join(', ') },
  { title: 'queue_from', value: ({ queueFrom }) => queueFrom ?? null },
  { title: 'queue_to', value: ({ queueTo }) => queueTo },
];

export function addCatalogMigrateCommand(catalog: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      catalog
        .command('migrate')
        .description(
          "bring the configured database's tables up to this version, as `serve` does at its start",
        )
        .option('--check', 'change nothing; exit with 3 when tables of this version are missing'),
      ['emberkeep catalog migrate', 'emberkeep catalog migrate --check -f json'],
    ),
  ).action((options: MigrateOptions) => {
    chooseColumns(columns, options.column ?? []);
    return run((context) => migrate(context, options));
  });
}

async function migrate(context: CliContext, options: MigrateOptions): Promise<void> {
  const { deps, globals } = context;
  const config = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
  const check = options.check === true;
  const versions = await deps.migrateDatabase(config, { check });
  await printRecord(context, versions, columns, options);
  const { from, to, pending, queueFrom, queueTo } = versions;
  if (pending.length === 0 && queueFrom === queueTo) {
    say(context, `emberkeep: the database is up to date (${to})`);
    return;
  }
  if (!check) {
    say(context, `emberkeep: the database was brought from ${from ?? 'nothing'} to ${to}`);
    return;
  }
  say(context, 'emberkeep: the database is older than this program; run `emberkeep catalog migrate`');
  context.exitCode = exitPartial;
}
