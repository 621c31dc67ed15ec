import { access, constants, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { AppError } from '../../../base/errors.ts';

export interface PostgresBinaries {
  /** Folder that holds `postgres` and `initdb`. */
  directory: string;
  /** Major version, e.g. 15: the one that a data directory is bound to. */
  major: number;
}

const debianRoot = '/usr/lib/postgresql';

/**
 * Finds PostgreSQL's own programs: Debian's newest (its folder is not on PATH), else whatever PATH has.
 *
 * @param major the version that an existing data directory needs; undefined for a new one.
 * @throws CATALOG_NO_POSTGRES when none is installed, CATALOG_POSTGRES_VERSION when only another version is.
 */
export async function findPostgres(major?: number): Promise<PostgresBinaries> {
  const installed = [...(await debianVersions()), ...(await onPath())];
  const found = installed.find((each) => major === undefined || each.major === major);
  if (found) return found;
  if (installed.length === 0) {
    throw new AppError(
      'CATALOG_NO_POSTGRES',
      'PostgreSQL is not installed: run `apt-get install postgresql`, or set a database URL to use a server elsewhere.',
    );
  }
  const versions = [...new Set(installed.map((each) => each.major))];
  throw new AppError(
    'CATALOG_POSTGRES_VERSION',
    `The database was created by PostgreSQL ${major ?? ''}, but only ${versions.join(', ')} is installed: ` +
      `run \`apt-get install postgresql-${major ?? ''}\`, or move the data with pg_upgrade.`,
    { details: { needed: major, installed: versions } },
  );
}

async function debianVersions(): Promise<PostgresBinaries[]> {
  const names = await readdir(debianRoot).catch(() => []);
  const found: PostgresBinaries[] = [];
  for (const name of names) {
    const directory = join(debianRoot, name, 'bin');
    const major = Number(name);
    if (Number.isInteger(major) && (await isExecutable(join(directory, 'postgres')))) {
      found.push({ directory, major });
    }
  }
  return found.sort((a, b) => b.major - a.major);
}

async function onPath(): Promise<PostgresBinaries[]> {
  const { stdout: path } = await execa('sh', ['-c', 'command -v postgres'], { reject: false });
  if (!path) return [];
  const { stdout: version } = await execa(path, ['--version'], { reject: false });
  const major = Number(/(\d+)/.exec(version)?.[1]);
  return Number.isInteger(major) ? [{ directory: dirname(path), major }] : [];
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
