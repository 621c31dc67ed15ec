import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { decodeStoreMarker, encodeManifest } from '../../domain/manifest-codec.ts';
import { formatVersion } from '../../domain/manifest.ts';
import { markerKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const maxMarkerBytes = 16 * 1024 * 1024;

interface MarkerOptions {
  create: boolean;
  clock?: Clock;
}

/** The id of the store in `objects`, which is made when there is none and `create` is true; throws as openBackupStore. */
export async function openMarker(objects: ObjectStore, options: MarkerOptions): Promise<string> {
  return (await readMarker(objects)) ?? (await createStore(objects, options));
}

async function readMarker(objects: ObjectStore): Promise<string | undefined> {
  const bytes = await objects.get(markerKey, maxMarkerBytes);
  return bytes === undefined
    ? undefined
    : decodeStoreMarker(bytes, `${objects.description}: ${markerKey}`).storeId;
}

async function createStore(objects: ObjectStore, { create, clock }: MarkerOptions): Promise<string> {
  const { description } = objects;
  for await (const { key } of objects.list('')) {
    throw new AppError(
      'STORE_NOT_OURS',
      `${description} is no Emberkeep store but is not empty either (it has ${key}). Give an empty one.`,
    );
  }
  if (!create) {
    throw new AppError(
      'STORE_NOT_FOUND',
      `There is no Emberkeep store in ${description}. Check that it is mounted, or create a store there.`,
    );
  }
  const createdAt = (clock ?? systemClock).now().toISOString();
  const marker = { format: 'emberkeep-store', version: formatVersion, storeId: newId(), createdAt } as const;
  await objects.put(markerKey, encodeManifest(marker));
  // Two first starts at once: whoever wrote last decides for both.
  return (await readMarker(objects)) ?? marker.storeId;
}
