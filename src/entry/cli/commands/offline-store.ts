import type { Command } from 'commander';
import { AppError } from '../../../base/errors.ts';
import type { OfflineOperations } from '../../../workflows/offline/operations.ts';
import { collect } from '../arguments.ts';
import type { CliContext } from '../context.ts';
import type { Runner } from './run.ts';

export interface StoreOptions {
  store?: string;
  keyFile?: string[];
}

/** For the examples in the help. */
export const examplePoint = '6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f';

export function addStoreOptions(command: Command): Command {
  return command
    .optionsGroup('Store:')
    .option(
      '--store <STORE>',
      'its configured name, its directory or s3://BUCKET/PREFIX (else the default one)',
      parseStore,
    )
    .option(
      '--key-file <FILE>',
      'master key of an encrypted store (else the configured ones; repeatable)',
      collect,
    );
}

export async function runOffline(
  run: Runner,
  { store, keyFile }: StoreOptions,
  command: (context: CliContext, store: OfflineOperations) => Promise<void>,
): Promise<void> {
  await run(async (context) => {
    const { deps, globals } = context;
    const config = await deps.loadConfig({
      configFile: globals.config,
      stateDir: globals.stateDir,
      store,
    });
    const opened = await deps.openOffline(config, { keyFiles: keyFile ?? [] });
    try {
      await command(context, opened);
    } finally {
      opened.close();
    }
  });
}

/** Throws INPUT_STORE for what EMBERKEEP_STORE could not be either. */
export function parseStore(text: string): string {
  if (text !== '' && (!text.includes('://') || text.startsWith('s3://'))) return text;
  throw new AppError(
    'INPUT_STORE',
    `--store takes a directory or s3://BUCKET/PREFIX, not ${JSON.stringify(text)}`,
  );
}
