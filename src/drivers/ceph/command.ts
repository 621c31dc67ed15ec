/**
 * The one place that starts Ceph's programs. Arguments are passed as a list, never through a shell; the key stays in
 * its file, so that argv holds no secret (I10). Data flows through streams, never through a buffer (I11).
 */
import type { Writable } from 'node:stream';
import { execa, ExecaError } from 'execa';
import { watchAbort } from '../../base/abort-watch.ts';
import { AppError } from '../../base/errors.ts';
import { retry } from '../../base/retry.ts';
import { clusterArguments, type CephCluster } from './cluster.ts';
import { commandError } from './errors.ts';
import { openOutputSocket } from './output-socket.ts';

export type CephProgram = 'rbd' | 'ceph' | 'rados';

export interface RunOptions {
  signal?: AbortSignal | undefined;
}

/** Kept of stderr: enough to say why, bounded whatever the program prints. */
const stderrLimitBytes = 64 * 1024;
/** After an abort a program has this long before SIGKILL. */
const killDelayMs = 3000;
const crashBackoff = { attempts: 3, firstDelayMs: 100, maxDelayMs: 1000 };

/** The program's stdout as text, at most 64 MiB (a listing, never image data). */
export async function runCeph(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  { signal }: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execa(program, [...args, ...clusterArguments(cluster)], {
      stdin: 'ignore',
      maxBuffer: { stdout: 64 * 1024 * 1024, stderr: stderrLimitBytes },
      forceKillAfterDelay: killDelayMs,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    return stdout;
  } catch (error) {
    throw toCommandError(cluster, program, args, error);
  }
}

/**
 * As runCeph, for a command that only looks and changes nothing: one that crashed is asked again, a few times. Ceph 16.2.15's
 * `rbd snap ls` was seen to abort once, on a clone.
 */
export async function askCeph(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return await retry(() => runCeph(cluster, program, args, options), {
    ...crashBackoff,
    signal: options.signal,
    shouldRetry: (error) => error instanceof AppError && error.code === 'CEPH_CRASHED',
  });
}

/** The `--format json` output, parsed, of a command that only looks. */
export async function runCephJson(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  options: RunOptions = {},
): Promise<unknown> {
  const text = await askCeph(cluster, program, [...args, '--format=json'], options);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError('CEPH_BAD_OUTPUT', `${program} ${args.join(' ')} did not print JSON`, {
      cause: error,
    });
  }
}

export interface OutputStream {
  /** What the program prints; a chunk is valid until the next one is asked for. To be read by one reader. */
  chunks: AsyncIterable<Buffer>;
  /** Resolves when the program exited 0, rejects otherwise; only then do the bytes count (I2). */
  exited: Promise<void>;
  /** Ends a program that is not to be read to its end: else it would wait for ever. */
  close: () => void;
}

/** Starts a program whose stdout is data: read it to its end, or close it. */
export async function streamFromCeph(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  { signal }: RunOptions = {},
): Promise<OutputStream> {
  const { childEnd, chunks, close } = await openOutputSocket();
  const child = execa(program, [...args, ...clusterArguments(cluster)], {
    stdin: 'ignore',
    stdout: childEnd,
    maxBuffer: { stderr: stderrLimitBytes },
    forceKillAfterDelay: killDelayMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  // Not before: execa takes a stream that closes while its program runs for a failure.
  child.nodeChildProcess.once('exit', () => childEnd.destroy());
  const exited = child.then(
    () => undefined,
    (error: unknown) => {
      childEnd.destroy();
      throw toCommandError(cluster, program, args, error);
    },
  );
  // The reader may fail first and never look at this promise; its own error is then the one that counts.
  exited.catch(() => undefined);
  return { chunks, exited, close };
}

/**
 * Feeds a stream to a program's stdin and waits for exit 0. When the stream fails the program is killed and the
 * stream's error is thrown; when the program dies first, its error is thrown, not the broken pipe's.
 * The next chunk is asked for only after the last one is written, so that its memory may be used again then.
 */
export async function streamToCeph(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  input: AsyncIterable<Buffer>,
  { signal }: RunOptions = {},
): Promise<void> {
  // Not execa's own way to pass an iterable: its transforms cost several times what the pipe does.
  const child = execa(program, [...args, ...clusterArguments(cluster)], {
    stdin: 'pipe',
    stdout: 'ignore',
    maxBuffer: { stderr: stderrLimitBytes },
    forceKillAfterDelay: killDelayMs,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  const gone = child.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  // Before its stdin ends: a program must not take what it got so far for the whole.
  const inputError = await feed(child.stdin, input, gone).then(
    () => undefined,
    (error: unknown) => {
      child.kill();
      return { error };
    },
  );
  const failure = await gone;
  if (inputError !== undefined) throw inputError.error;
  if (failure !== undefined) throw toCommandError(cluster, program, args, failure.error);
}

/** Writes all of it, or until the program has ended, whose exit says more than the broken pipe. */
async function feed(stdin: Writable, input: AsyncIterable<Buffer>, gone: Promise<unknown>): Promise<void> {
  const iterator = input[Symbol.asyncIterator]();
  const broken = new AbortController();
  stdin.on('error', () => broken.abort());
  void gone.then(() => broken.abort());
  const watch = watchAbort(broken.signal);
  let asked: Promise<IteratorResult<Buffer>> | undefined;
  try {
    for (;;) {
      asked = iterator.next();
      const next = await watch.or(asked);
      if (next.done === true) break;
      await watch.or(new Promise<void>((resolve) => void stdin.write(next.value, () => resolve())));
    }
    stdin.end();
  } catch (error) {
    if (!broken.signal.aborted) throw error;
    // rbd goes at the end record, perhaps before it is told that its input has ended: what the input finds after its
    // last byte still counts.
    if ((await gone) === undefined) while ((await asked)?.done === false) asked = iterator.next();
    // Not awaited: an input that is stuck answers only when it goes on.
    else void iterator.return?.().catch(() => undefined);
  } finally {
    watch.end();
  }
}

function toCommandError(
  cluster: CephCluster,
  program: CephProgram,
  args: readonly string[],
  error: unknown,
): AppError {
  if (!(error instanceof ExecaError))
    return new AppError('BUG_COMMAND', `${program} could not be run`, { cause: error });
  if (error.isCanceled) return new AppError('CANCELLED_COMMAND', `${program} ${args[0] ?? ''} was cancelled`);
  if (error.code === 'ENOENT') {
    return new AppError('CEPH_NO_PROGRAM', `${program} is not installed; install the package ceph-common`);
  }
  return commandError({
    cluster,
    program,
    args,
    exitCode: error.exitCode,
    signal: error.signal,
    stderr: typeof error.stderr === 'string' ? error.stderr : '',
    cause: error.cause,
  });
}
