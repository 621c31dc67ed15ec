import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { devcloud } from '../support/devcloud.ts';
import { cpuSeconds, watchPeaks } from './process-figures.ts';

export interface Figures {
  seconds: number;
  cpuSeconds: number;
  peakRssBytes: number;
}

/** Runs a line of bash with the cloud's `rbd` and measures it; nothing else may end meanwhile. Throws when it fails. */
export async function measureShell(line: string): Promise<Figures> {
  const cpuBefore = cpuSeconds('self').endedChildren;
  const started = performance.now();
  const child = startShell(line, 'ignore');
  const stopWatching = watchPeaks(child.pid ?? 0, ['rbd', 'zstd']);
  try {
    await ended(child, line);
    return {
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: cpuSeconds('self').endedChildren - cpuBefore,
      peakRssBytes: stopWatching(),
    };
  } finally {
    stopWatching();
  }
}

export async function runShell(line: string): Promise<string> {
  const child = startShell(line, 'pipe');
  const text: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => text.push(chunk));
  await ended(child, line);
  return Buffer.concat(text).toString();
}

/** Feeds bytes to a line of bash. What counts is how it ends: `rbd import-diff` goes before its input has ended. */
export async function feedShell(line: string, input: Iterable<Buffer>): Promise<void> {
  const child = startShell(line, 'ignore', 'pipe');
  if (child.stdin === null) throw new Error('no standard input');
  await Promise.all([
    pipeline(Readable.from(input), child.stdin).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
        throw error;
    }),
    ended(child, line),
  ]);
}

function startShell(
  line: string,
  stdout: 'ignore' | 'pipe',
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  const { cephConf } = devcloud();
  return spawn('bash', ['-c', `set -euo pipefail; ${line}`], {
    stdio: [stdin, stdout, 'pipe'],
    env: { ...process.env, CEPH_CONF: cephConf },
  });
}

async function ended(child: ChildProcess, line: string): Promise<void> {
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0) return;
  throw new Error(`${line}\nended with ${code ?? signal}: ${Buffer.concat(errors).toString().trim()}`);
}
