import { Option } from 'commander';
import { parseName } from '../arguments.ts';
import { protectionStates } from '../../../domain/protection.ts';

/** `--sort FIELD:DIRECTION`, as OpenStack's commands take it. */
export function sortOption(fields: readonly string[]): Option {
  return new Option('--sort <FIELD:asc|desc>', `in this order; fields: ${fields.join(', ')}`).choices(
    fields.flatMap((field) => [`${field}:asc`, `${field}:desc`]),
  );
}

export function searchOption(what: string): Option {
  return new Option(
    '--search <TEXT>',
    `only ${what} with this in their name, in upper or lower case`,
  ).argParser(parseName('text'));
}

export function protectionOption(what: string): Option {
  return new Option('--protection <STATE>', `only ${what} that are protected so`).choices(protectionStates);
}
