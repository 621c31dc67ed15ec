import type { CliContext } from './context.ts';

export interface ProgressLine {
  show: (text: string) => void;
  /** Leaves an empty line for what follows. */
  clear: () => void;
}

/** One line that is written over; nothing at all where nobody is looking. */
export function progressLine({ deps }: CliContext): ProgressLine {
  let shown = '';
  const write = (text: string): void => {
    if (!deps.isTty.stderr || text === shown) return;
    deps.stderr.write(`\r${text.padEnd(shown.length)}`);
    shown = text;
  };
  return {
    show: write,
    clear: () => {
      if (shown === '') return;
      write('');
      deps.stderr.write('\r');
    },
  };
}
