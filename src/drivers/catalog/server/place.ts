import { createHash } from 'node:crypto';
import { access, chown, lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../../base/errors.ts';
import { accountFor, canTraverse, type Account } from './account.ts';

/** Where the self-started server keeps its things; only its account can enter. */
export interface ServerPlace {
  /** `<stateDir>/postgres`, or a folder below /var/lib/emberkeep when its account cannot reach that. */
  directory: string;
  dataDir: string;
  socketDir: string;
  logFile: string;
  account: Account | undefined;
}

/** sockaddr_un.sun_path holds 108 bytes with its terminator; PostgreSQL adds `/.s.PGSQL.5432`. */
const longestSocketPathBytes = 107;
const socketFile = '.s.PGSQL.5432';
const sharedRoot = '/var/lib/emberkeep';

/**
 * Decides where the server lives and makes the folders. As root it runs as another user, who cannot enter, say,
 * a checkout in /root (mode 0700): then the data lives in /var/lib/emberkeep/<hash of the state directory>, and
 * stays there even when the permissions change later, so that no data seems to vanish.
 *
 * @throws CATALOG_STATE_UNREACHABLE when data exists where the server's user cannot reach it.
 */
export async function preparePlace(stateDir: string): Promise<ServerPlace> {
  // Newly made: 0711 lets the server's user pass through without listing it.
  await mkdir(stateDir, { recursive: true, mode: 0o711 });
  const state = await realpath(resolve(stateDir));
  const own = join(state, 'postgres');
  const shared = join(sharedRoot, shortHash(state));
  const inShared = await exists(join(shared, 'data', 'PG_VERSION'));
  const inOwn = await exists(join(own, 'data', 'PG_VERSION'));
  const account = await accountFor(inOwn ? join(own, 'data') : inShared ? join(shared, 'data') : undefined);
  const reachable = account === undefined || (await canTraverse(account, state));
  if (inOwn && !reachable) throw unreachable(own, account, await blockingDirectory(account, state));
  const directory = inOwn || (reachable && !inShared) ? own : shared;

  await makePrivate(directory, account);
  const inside = join(directory, 'run');
  const fits = Buffer.byteLength(join(inside, socketFile)) <= longestSocketPathBytes;
  const socketDir = fits ? inside : `/tmp/emberkeep-${shortHash(directory)}`;
  await makePrivate(socketDir, account);
  return {
    directory,
    dataDir: join(directory, 'data'),
    socketDir,
    logFile: join(directory, 'server.log'),
    account,
  };
}

/** A folder that only the server's user enters: whoever reaches the socket is trusted, so nobody else may. */
async function makePrivate(directory: string, account: Account | undefined): Promise<void> {
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  const owners = [process.getuid?.(), account?.uid];
  // Somebody could have put a folder or link of this name into /tmp first, to listen in our place.
  if (!found.isDirectory() || !owners.includes(found.uid)) {
    throw new AppError(
      'CATALOG_STATE_OWNER',
      `${directory} belongs to user ${found.uid} or is not a directory: remove it, or run Emberkeep as its owner.`,
      { details: { directory, ownerUid: found.uid } },
    );
  }
  if (account && found.uid !== account.uid) await chown(directory, account.uid, account.gid);
}

function unreachable(directory: string, account: Account | undefined, blocker: string): AppError {
  return new AppError(
    'CATALOG_STATE_UNREACHABLE',
    `The database is in ${directory}, but user ${account?.uid ?? ''} that it runs as cannot pass through ${blocker}: ` +
      `run \`chmod o+x ${blocker}\`, or move the state directory.`,
    { details: { directory, blocker } },
  );
}

async function blockingDirectory(account: Account | undefined, directory: string): Promise<string> {
  let blocker = directory;
  for (let each = directory; each !== '/'; each = dirname(each)) {
    if (!(await canTraverse(account, each))) blocker = each;
  }
  return blocker;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
