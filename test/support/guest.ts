/** Guests of the development cloud whose console and files show what their disks hold (deploy/devcloud/guest). */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { devcloudFile } from './devcloud.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../deploy/devcloud/guest/cli.py');

/** What it prints; throws with what it says when it fails. */
export async function guest(...args: string[]): Promise<string> {
  const env = { ...process.env, EMBERKEEP_CLOUD_ENV: devcloudFile('env.json') };
  return (await run('/usr/bin/python3', [program, ...args], { env })).stdout;
}

export async function createGuest(name: string, ...args: string[]): Promise<{ instance: string }> {
  return JSON.parse(await guest('create', name, ...args)) as { instance: string };
}

/** The lines of its console, once they end as expected, or after half a minute as they are. */
export async function consoleOf(name: string, lastLine: string): Promise<string[]> {
  let lines: string[] = [];
  for (let round = 0; round < 60; round++) {
    lines = (await guest('console', name)).trim().split(/\r?\n/);
    if (lines.at(-1) === lastLine) break;
    await sleep(500);
  }
  return lines;
}
