import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';

/** Readers of single arguments and options; each throws INPUT_* before anything is sent. */

export function parseId(what: string): (text: string) => string {
  return (text) => {
    const id = text.trim().toLowerCase();
    if (isUuid(id)) return id;
    throw new AppError(
      'INPUT_ID',
      `${JSON.stringify(text)} is not the id of a ${what} (a UUID such as 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f); see \`emberkeep ${what} list\``,
    );
  };
}

export function parseName(what: string): (text: string) => string {
  return (text) => {
    const name = text.trim();
    if (name !== '' && name.length <= 255) return name;
    throw new AppError('INPUT_NAME', `the ${what} must be a name or id of 1 to 255 characters`);
  };
}

export function parseText(option: string, longest: number): (text: string) => string {
  return (text) => {
    const trimmed = text.trim();
    if (trimmed !== '' && trimmed.length <= longest) return trimmed;
    throw new AppError('INPUT_TEXT', `${option} takes a text of 1 to ${longest} characters`);
  };
}

export function parseCount(option: string): (text: string) => number {
  return (text) => {
    const count = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
    if (count > 0) return count;
    throw new AppError(
      'INPUT_NUMBER',
      `${option} takes a whole number of at least 1, not ${JSON.stringify(text)}`,
    );
  };
}

export interface ImagePath {
  pool: string;
  image: string;
}

export function parseImagePath(text: string): ImagePath {
  const [pool = '', image = '', ...more] = text.trim().split('/');
  if (pool !== '' && image !== '' && more.length === 0 && !image.includes('@')) return { pool, image };
  throw new AppError('INPUT_IMAGE', `${JSON.stringify(text)} is not POOL/IMAGE, such as volumes/volume-1`);
}

export interface ListenAddress {
  host: string;
  port: number;
}

/** `HOST:PORT`, `[::1]:PORT` or `:PORT` (every address). */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  if (match !== null && port <= 65_535) {
    const host = match[1] ?? match[2] ?? '';
    return { host: host === '' ? '0.0.0.0' : host, port };
  }
  throw new AppError(
    'INPUT_LISTEN',
    `--listen takes HOST:PORT, such as 127.0.0.1:9879, not ${JSON.stringify(text)}`,
  );
}

export function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/v1$/, '');
  }
  throw new AppError(
    'INPUT_ENDPOINT',
    'the endpoint must be a URL such as http://127.0.0.1:9879 (without credentials)',
  );
}

/** For options that may be given several times. */
export function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** Throws INPUT_MISSING or INPUT_CONFLICT unless exactly one of these was given. */
export function exactlyOne(choices: Record<string, unknown>, what: string): void {
  const names = Object.keys(choices);
  const given = names.filter((name) => choices[name] !== undefined);
  if (given.length === 1) return;
  const list = `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
  if (given.length === 0) throw new AppError('INPUT_MISSING', `say ${what}: ${list}`);
  throw new AppError(
    'INPUT_CONFLICT',
    `${given.join(' and ')} exclude each other: say ${what} by one of ${list}`,
  );
}
