/** `restore approve`, `restore reject`, `restore cancel`: what becomes of restores that wait for an approval. */
import type { Command } from 'commander';
import { parseId, parseText } from '../arguments.ts';
import { addOutputOptions, printRecord, type FormatOptions } from '../output/options.ts';
import { restoreFields } from '../restore-view.ts';
import type { WireAskedRestore } from '../wire.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

interface DecideOptions extends FormatOptions {
  reason?: string;
}

const verbs = [
  {
    verb: 'approve',
    description: 'let a restore begin that waits for an approval (administrators; not your own)',
    isReasonNeeded: false,
    examples: [
      'emberkeep restore approve 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --reason "seen with the owner"',
    ],
  },
  {
    verb: 'reject',
    description: 'refuse a restore that waits for an approval (administrators)',
    isReasonNeeded: true,
    examples: [
      'emberkeep restore reject 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f --reason "take the newer point"',
    ],
  },
  {
    verb: 'cancel',
    description: 'withdraw a restore of yours that waits, or stop one that runs',
    isReasonNeeded: false,
    examples: ['emberkeep restore cancel 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f'],
  },
] as const;

/** `optionsOf` refuses the options of `restore` itself. */
export function addRestoreDecisionCommands(
  restore: Command,
  run: Runner,
  optionsOf: (command: Command) => DecideOptions,
): void {
  for (const { verb, description, isReasonNeeded, examples } of verbs) {
    const command = restore
      .command(verb)
      .description(description)
      .argument('<RESTORE>', 'id; see `emberkeep restore list --state pending`', parseId('restore'));
    const text = 'why; kept with the restore and in the audit trail';
    if (isReasonNeeded) command.requiredOption('--reason <TEXT>', text, parseText('--reason', 1000));
    else command.option('--reason <TEXT>', text, parseText('--reason', 1000));
    addOutputOptions(addExamples(command, examples)).action(
      async (id: string, _: unknown, given: Command) => {
        const options = optionsOf(given);
        await runInSession(run, async (context, { client }) => {
          const body = options.reason === undefined ? {} : { reason: options.reason };
          const path = `/v1/restores/${id}/${verb}`;
          const { restore: decided } = await client.post<{ restore: WireAskedRestore }>(path, body);
          await printRecord(context, decided, restoreFields, options);
        });
      },
    );
  }
}
