import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import { print, say, type CliContext } from '../context.ts';
import { exitCodeOf } from '../exit-codes.ts';
import type { Column } from '../output/columns.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { addExamples } from './examples.ts';
import type { Runner } from './run.ts';

type Settings = Record<string, unknown>;

export function addConfigCommands(program: Command, run: Runner): void {
  const config = program.command('config').description('the configuration');
  addExamples(
    config
      .command('check')
      .description('say whether the configuration is valid, or all that is wrong with it, by line'),
    ['emberkeep config check --config ./emberkeep.yaml'],
  ).action(() => run(check));

  addExamples(config.command('sample').description('print a configuration file with every option'), [
    'emberkeep config sample > emberkeep.yaml',
  ]).action(() => run(async (context) => print(context, await context.deps.sampleConfig())));

  addOutputOptions(
    addExamples(config.command('show').description('show the configuration in effect, secrets masked'), [
      'emberkeep config show -f yaml',
    ]),
  ).action((options: FormatOptions) =>
    run(async (context) => {
      const { deps, globals } = context;
      const loaded = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
      const settings = withSnakeKeys(await deps.describeConfig(loaded));
      const isNested = options.format === 'json' || options.format === 'yaml';
      const shown = isNested ? settings : flatten(settings);
      const columns = Object.keys(shown).map((title): Column<Settings> => ({
        title,
        value: (all) => all[title],
      }));
      await printRecord(context, shown, columns, options);
    }),
  );
}

async function check(context: CliContext): Promise<void> {
  const { deps, globals } = context;
  try {
    const config = await deps.loadConfig({ configFile: globals.config, stateDir: globals.stateDir });
    const problems = await deps.checkConfig(config);
    if (problems.length === 0) {
      print(context, `The configuration is valid (${config.file ?? 'no file; defaults and environment'}).`);
      return;
    }
    for (const problem of problems) say(context, problem);
  } catch (error) {
    if (!(error instanceof AppError) || !Array.isArray(error.details['problems'])) throw error;
    const problems = error.details['problems'] as { line?: number; key: string; message: string }[];
    for (const { line, key, message } of problems)
      say(context, `${line === undefined ? '' : `line ${line}: `}${key}: ${message}`);
  }
  context.exitCode = exitCodeOf('INPUT_CONFIG');
}

/** The few names that the program spells otherwise than the file. */
function withSnakeKeys(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase(),
      value,
    ]),
  );
}

function flatten(settings: Settings, prefix = ''): Settings {
  const flat: Settings = {};
  for (const [key, value] of Object.entries(settings)) {
    const isBranch = value !== null && typeof value === 'object' && !Array.isArray(value);
    if (isBranch) Object.assign(flat, flatten({ ...value }, `${prefix}${key}.`));
    else flat[prefix + key] = value;
  }
  return flat;
}
