import type { Finder, ReconcileDeps } from './deps.ts';
import { freshImages } from './finders/fresh-images.ts';
import { linkFoldersOf } from './finders/link-folders.ts';
import { movedImages } from './finders/moved-images.ts';
import { pausedInstances } from './finders/paused-instances.ts';
import { scratchImages } from './finders/scratch-images.ts';
import { strandedSnapshots } from './finders/snapshots.ts';
import { trashedImages } from './finders/trash.ts';
import { markedVolumes } from './finders/volumes.ts';

/** In the order in which they run: guests first, then whatever uses space, from the outermost on. */
export function findersOf(deps: Pick<ReconcileDeps, 'stores'>): Finder[] {
  return [
    pausedInstances,
    markedVolumes,
    movedImages,
    freshImages,
    scratchImages,
    strandedSnapshots,
    trashedImages,
    ...linkFoldersOf(deps),
  ];
}
