import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const probeTimeoutMs = 3000;

/** Address of the service that runs on this machine on this state directory, when there is one and it answers. */
export async function findLocalService(stateDir: string): Promise<string | undefined> {
  const note = await readNote(join(stateDir, 'service.json'));
  if (note === undefined || !isRunning(note.pid)) return undefined;
  // A process of that id may be another one by now; only who answers as a service does is sent a token.
  const answer = await fetch(`${note.url}/livez`, { signal: AbortSignal.timeout(probeTimeoutMs) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok === true ? note.url : undefined;
}

async function readNote(path: string): Promise<{ url: string; pid: number } | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (note === null || typeof note !== 'object' || !('url' in note) || !('pid' in note)) return undefined;
    const { url, pid } = note;
    return typeof url === 'string' && typeof pid === 'number' && pid > 0 ? { url, pid } : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
