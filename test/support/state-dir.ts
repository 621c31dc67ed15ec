import { chmod, mkdtemp } from 'node:fs/promises';

/** Short, since Unix sockets lie below it, and one that the user postgres can pass through when tests run as root. */
export async function makeStateDir(): Promise<string> {
  const directory = await mkdtemp('/tmp/ek-test-');
  await chmod(directory, 0o711);
  return directory;
}
