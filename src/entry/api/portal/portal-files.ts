import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const compressible: readonly string[] = ['.css', '.html', '.js', '.json', '.svg'];

export interface PortalFile {
  body: Buffer;
  /** undefined where it would not be smaller. */
  gzipped: Buffer | undefined;
  type: string;
}

export interface PortalFiles {
  index: PortalFile;
  /** By their names; nothing else of the file system can be asked for. */
  assets: ReadonlyMap<string, PortalFile>;
}

/** The built pages, read into memory once; read again when another build has written its index.html. */
export class PortalDirectory {
  readonly #path: string;
  #read: { version: string; files: Promise<PortalFiles> } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** undefined when nothing is built there. */
  async files(): Promise<PortalFiles | undefined> {
    const version = await this.#version();
    if (version === undefined) return undefined;
    if (this.#read?.version !== version) {
      const files = readFiles(this.#path);
      this.#read = { version, files };
      files.catch(() => (this.#read = undefined));
    }
    return await this.#read.files;
  }

  async #version(): Promise<string | undefined> {
    try {
      const { mtimeMs, size, ino } = await stat(join(this.#path, 'index.html'));
      return `${mtimeMs} ${size} ${ino}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

async function readFiles(path: string): Promise<PortalFiles> {
  const names = await readdir(join(path, 'assets'));
  const assets = await Promise.all(
    names.map(async (name): Promise<[string, PortalFile]> => [
      name,
      await readPortalFile(join(path, 'assets', name)),
    ]),
  );
  return { index: await readPortalFile(join(path, 'index.html')), assets: new Map(assets) };
}

async function readPortalFile(path: string): Promise<PortalFile> {
  const extension = extname(path);
  const body = await readFile(path);
  const small = compressible.includes(extension) ? await compress(body, { level: 9 }) : body;
  return {
    body,
    gzipped: small.length < body.length ? small : undefined,
    type: types[extension] ?? 'application/octet-stream',
  };
}
