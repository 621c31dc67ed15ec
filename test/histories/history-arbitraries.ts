import fc from 'fast-check';
import { modelBlockBytes } from './image-model.ts';

/** Image sizes in these histories: a few segments of the smallest size. */
export const maxImageBytes = 96 * 1024;

export type Change =
  | { type: 'write'; offset: number; length: number; seed: number }
  | { type: 'discard'; offset: number; length: number }
  | { type: 'resize'; sizeBytes: number };

const offset = fc.oneof(
  fc.integer({ min: 0, max: maxImageBytes - 1 }),
  fc.integer({ min: 0, max: maxImageBytes / 4096 - 1 }).map((block) => block * 4096),
);
const length = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 12 }).map((blocks) => blocks * 4096),
  fc.constantFrom(modelBlockBytes, 20_000, 60_000),
);

/** Seed 0 writes zeros, which Ceph reports as data. */
const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      offset,
      length,
      seed: fc.integer({ min: 0, max: 255 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('discard' as const), offset, length }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('resize' as const),
      sizeBytes: fc.integer({ min: 1, max: maxImageBytes }),
    }),
  },
);

/** What happens before each backup. */
export const changes: fc.Arbitrary<Change[]> = fc.array(change, { maxLength: 6 });
