import { setTimeout as sleep } from 'node:timers/promises';
import { runShell } from './shell.ts';

/** What was removed begins to go only when the OSD has heard of it. */
const firstPauseMs = 1500;
const pauseMs = 500;
const equalReadings = 3;
/** A calm cluster takes three; on one that others use more would not help. */
const maxReadings = 10;

/**
 * Bytes of the cluster's one OSD that BlueStore has allocated for objects, all pools together, as soon as three readings
 * in a row are equal; the last reading when they never are. `rbd du` does not say it: it counts objects, not their holes.
 */
export async function allocatedBytes(): Promise<number> {
  await sleep(firstPauseMs);
  let last = await readAllocated();
  for (let readings = 1, equal = 1; readings < maxReadings && equal < equalReadings; readings++) {
    await sleep(pauseMs);
    const bytes = await readAllocated();
    equal = bytes === last ? equal + 1 : 1;
    last = bytes;
  }
  return last;
}

async function readAllocated(): Promise<number> {
  const text = await runShell('ceph tell osd.0 perf dump bluestore bluestore_allocated');
  const { bluestore } = JSON.parse(text) as { bluestore?: { bluestore_allocated?: number } };
  const bytes = bluestore?.bluestore_allocated;
  if (bytes === undefined) throw new Error(`the OSD does not say what is allocated: ${text}`);
  return bytes;
}
