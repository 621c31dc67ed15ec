import { setFlagsFromString } from 'node:v8';

/**
 * Every few buffers of image data set off a collection of the whole heap, which finds nothing, since their memory was
 * given back by hand: a second of CPU time for each GiB. With this V8 weighs them against its overall limit instead.
 * To be called once, early.
 */
export function tuneCollector(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}
