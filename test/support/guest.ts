/** Guests of the development cloud whose console and files show what their disks hold (deploy/devcloud/guest). */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Nova } from '../../src/drivers/openstack/nova.ts';
import { devcloudFile, patience } from './devcloud.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../../deploy/devcloud/guest/cli.py');

/** What it prints; throws with what it says when it fails. */
export async function guest(...args: string[]): Promise<string> {
  const env = { ...process.env, EMBERKEEP_CLOUD_ENV: devcloudFile('env.json') };
  return (await run('/usr/bin/python3', [program, ...args], { env })).stdout;
}

/** Its instance and volumes; one whose root disk is of Nova has no root volume. */
export interface Guest {
  instance: string;
  root: string | null;
  data: string;
}

export async function createGuest(name: string, ...args: string[]): Promise<Guest> {
  return JSON.parse(await guest('create', name, ...args)) as Guest;
}

/** The lines of its console, once they end as expected. */
export async function consoleOf(name: string, lastLine: string): Promise<string[]> {
  return (await guest('console', name, '--until', lastLine)).trim().split('\n');
}

/** For instances that restores made: waits until its console shows each of the texts. */
export async function consoleShows(nova: Nova, instanceId: string, ...texts: string[]): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 500) {
    const output = await nova.consoleOutput(instanceId, 50);
    if (texts.every((text) => output.includes(text))) return;
    if (waitedMs > patience.timeoutMs) throw new Error(`the console shows ${JSON.stringify(output)}`);
    await sleep(500);
  }
}
