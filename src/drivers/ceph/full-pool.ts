/**
 * A write into a pool that is full, or whose quota is used up, neither fails nor ends: librados holds it back until there is
 * room (`target_should_be_paused` in src/osdc/Objecter.cc), and the program stands still with it. So the pool is looked at now
 * and then, and a program that has waited for long enough is ended with CEPH_FULL.
 */
import { AppError } from '../../base/errors.ts';
import { humanDuration } from '../../base/duration.ts';
import { sleep } from '../../base/retry.ts';
import type { CephCluster, FullPatience } from './cluster.ts';
import { runCeph, runCephJson, type RunOptions } from './command.ts';
import { asRows, text } from './rows.ts';

const usualPatience: FullPatience = { lookMs: 30_000, waitMs: 120_000 };

export interface WriteOptions extends RunOptions {
  /** Told once, in words, when the program waits for room. */
  onWait?: ((message: string) => Promise<void>) | undefined;
}

export interface Writing {
  /** Ends the program: the caller's abort, or a pool that stays full. */
  signal: AbortSignal;
  /** To be called when it has gone on: then nobody needs to look. */
  moved: () => void;
}

/** Runs what writes into the pool. Throws CEPH_FULL in place of what the ended program says. */
export async function whileRoom<T>(
  cluster: CephCluster,
  pool: string,
  { signal, onWait }: WriteOptions,
  write: (writing: Writing) => Promise<T>,
): Promise<T> {
  const full = new AbortController();
  const done = new AbortController();
  let hasMoved = false;
  const isStuck = async (): Promise<boolean> => {
    const stands = !hasMoved;
    hasMoved = false;
    return stands && (await isPoolFull(cluster, pool, done.signal));
  };
  // Whoever cannot be told any more has no use for what is written.
  const watching = watch(cluster, pool, { isStuck, onWait, done: done.signal, full }).catch(
    (error: unknown) => full.abort(error),
  );
  try {
    return await write({
      signal: signal === undefined ? full.signal : AbortSignal.any([signal, full.signal]),
      moved: () => (hasMoved = true),
    });
  } catch (error) {
    throw full.signal.aborted && signal?.aborted !== true ? full.signal.reason : error;
  } finally {
    done.abort();
    await watching;
  }
}

/**
 * As runCeph, for an `rbd` command that writes into the pool. Not for `rm`, `snap rm` and `trash rm`, which do not wait
 * (`set_pool_full_try` in src/tools/rbd/action/): snapshots can be removed then, images only as far as the trash takes them.
 */
export async function changeByRbd(
  cluster: CephCluster,
  pool: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<void> {
  await whileRoom(cluster, pool, options, ({ signal }) => runCeph(cluster, 'rbd', args, { signal }));
}

interface Watch {
  isStuck: () => Promise<boolean>;
  onWait: WriteOptions['onWait'];
  done: AbortSignal;
  full: AbortController;
}

async function watch(
  cluster: CephCluster,
  pool: string,
  { isStuck, onWait, done, full }: Watch,
): Promise<void> {
  const { lookMs, waitMs } = cluster.fullPatience ?? usualPatience;
  const where = `pool "${pool}" of cluster ${cluster.name} is full, or its quota is used up`;
  let waitedMs: number | undefined;
  while (await pause(lookMs, done)) {
    if (!(await isStuck())) {
      waitedMs = undefined;
    } else if (waitedMs === undefined) {
      waitedMs = 0;
      await onWait?.(`waiting for room: ${where}; without any it is given up in ${humanDuration(waitMs)}`);
    } else if ((waitedMs += lookMs) >= waitMs) {
      const advice = 'make room (`ceph df detail`, `ceph osd pool get-quota`), then try again';
      full.abort(new AppError('CEPH_FULL', `${where}: ${advice}`, { details: { pool } }));
      return;
    }
  }
}

/** False when it was ended. */
async function pause(delayMs: number, done: AbortSignal): Promise<boolean> {
  return await sleep(delayMs, done).then(
    () => true,
    () => false,
  );
}

/** The monitors set `full` on a pool when its quota is used up, and when an OSD that it is on is full (OSDMonitor.cc). */
async function isPoolFull(cluster: CephCluster, pool: string, signal: AbortSignal): Promise<boolean> {
  try {
    const pools = asRows(
      await runCephJson(cluster, 'ceph', ['osd', 'pool', 'ls', 'detail'], { signal }),
      'pools',
    );
    const found = pools.find((row) => row['pool_name'] === pool);
    return found !== undefined && text(found, 'flags_names').split(',').includes('full');
  } catch {
    // Monitors that do not answer say nothing of the pool; the program that writes waits for them itself.
    return false;
  }
}
