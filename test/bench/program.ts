import { readFileSync } from 'node:fs';

export interface HowStarted {
  env: Record<string, string>;
  execArgv: string[];
}

/** What the first line of the program starts Node with, so that the benchmark's worker runs as an operator's does. */
export function howStarted(program = 'src/main.ts'): HowStarted {
  const [line = ''] = readFileSync(program, 'utf8').split('\n');
  const [, variables, options] = /^#!\/usr\/bin\/env -S ((?:\w+=\S+ )*)node((?: --\S+)*)$/.exec(line) ?? [];
  if (variables === undefined || options === undefined) throw new Error(`${program} begins with ${line}`);
  return {
    env: Object.fromEntries(words(variables).map((pair) => pair.split('='))) as Record<string, string>,
    execArgv: words(options),
  };
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
