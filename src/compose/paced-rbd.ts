import { steadyClock } from '../base/clock.ts';
import { Pace } from '../base/paced-stream.ts';
import type { Rbd } from '../drivers/ceph/rbd.ts';

/** What is read from exports and fed into imports, all together at most so fast; 0 sets no limit. */
export function pacedRbd(rbd: Rbd, mibPerSecond: number): Rbd {
  if (mibPerSecond === 0) return rbd;
  const pace = new Pace({ bytesPerSecond: mibPerSecond * 1024 * 1024, clock: steadyClock });
  return {
    ...rbd,
    exportDiff: async (at, options) => {
      const output = await rbd.exportDiff(at, options);
      return { ...output, chunks: pace.pass(output.chunks, options.signal) };
    },
    importDiff: (at, stream, options) => rbd.importDiff(at, pace.pass(stream, options?.signal), options),
  };
}
