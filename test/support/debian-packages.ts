/** Packages of Debian that only a few tests need. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs those that are missing, without what they only recommend. Needs root for that.
 * @throws where apt fails, with what it said.
 */
export async function ensurePackages(names: readonly string[]): Promise<void> {
  const states = await Promise.all(names.map(isInstalled));
  const missing = names.filter((_, at) => states[at] !== true);
  if (missing.length === 0) return;
  // Only the package lists can be out of date, so they are fetched when the first try fails.
  await apt('install', '--no-install-recommends', ...missing).catch(async () => {
    await apt('update');
    await apt('install', '--no-install-recommends', ...missing);
  });
}

async function isInstalled(name: string): Promise<boolean> {
  return await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).then(
    ({ stdout }) => stdout === 'installed',
    // It knows no such package.
    () => false,
  );
}

async function apt(...args: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['-y', '-qq', '-o', 'DPkg::Lock::Timeout=600', ...args], { env });
}
