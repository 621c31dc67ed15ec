import { stat } from 'node:fs/promises';
import { execa } from 'execa';
import { AppError } from '../../../base/errors.ts';

/** The system user that PostgreSQL runs as when this process is root, which PostgreSQL refuses to run as. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Undefined when this process is an ordinary user: PostgreSQL then runs as the same one.
 *
 * @param dataDir an existing data directory keeps its owner, so that root can continue what a user began.
 * @throws CATALOG_NO_POSTGRES_USER when root has nobody to run it as.
 */
export async function accountFor(dataDir: string | undefined): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = dataDir === undefined ? undefined : await stat(dataDir).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const uid = await execa('id', ['-u', 'postgres'], { reject: false });
  const gid = await execa('id', ['-g', 'postgres'], { reject: false });
  if (uid.exitCode !== 0 || gid.exitCode !== 0) {
    throw new AppError(
      'CATALOG_NO_POSTGRES_USER',
      'PostgreSQL refuses to run as root and there is no system user `postgres` to run it as: ' +
        'run `useradd --system postgres`, start Emberkeep as an ordinary user, or set a database URL.',
    );
  }
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Arguments of setpriv(1) that turn root into the account; none for an ordinary user. */
export function setprivArguments(account: Account | undefined): string[] {
  return account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : [];
}

/** Whether the account can pass through a directory: asked of the kernel, since access lists count too. */
export async function canTraverse(account: Account | undefined, directory: string): Promise<boolean> {
  const { exitCode } = await execa('setpriv', [...setprivArguments(account), 'test', '-x', directory], {
    reject: false,
    cwd: '/',
  });
  return exitCode === 0;
}
