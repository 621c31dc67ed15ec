import { createInterface } from 'node:readline/promises';
import { AppError } from '../../base/errors.ts';
import type { CliContext } from './context.ts';

/** Asks before something is changed that cannot simply be made again; `--yes` answers beforehand. */
export async function confirm(context: CliContext, question: string): Promise<void> {
  const { stdin, stderr, isTty } = context.deps;
  if (!isTty.stdin || !isTty.stderr) {
    throw new AppError('INPUT_CONFIRM', `${question} Nobody can be asked here; add --yes if you mean it`);
  }
  const prompt = createInterface({ input: stdin, output: stderr });
  // The end of the input is no answer, and readline alone would wait for ever.
  const ended = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const asked = prompt.question(`${question} [y/N] `, { signal: context.interrupted });
    const answer = await Promise.race([asked, ended]);
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    throw new AppError('CANCELLED_BY_USER', 'interrupted; nothing was changed', { cause: error });
  } finally {
    prompt.close();
  }
  throw new AppError('CANCELLED_BY_USER', 'not confirmed; nothing was changed');
}
