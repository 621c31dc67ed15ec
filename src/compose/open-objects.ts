import { mkdir } from 'node:fs/promises';
import type { Backoff } from '../base/retry.ts';
import type { StoreConfig } from '../config/store-settings.ts';
import type { ObjectStore } from '../drivers/store/object-store.ts';
import { s3Url } from '../drivers/store/s3-settings.ts';

export interface OpenedObjects {
  objects: ObjectStore;
  /** As the catalog names the store. */
  url: string;
  close: () => void;
}

type Place = Pick<StoreConfig, 's3' | 'directory' | 'isOwnDirectory'>;

/** The place that the configuration names, whatever is in it. Drivers are loaded when needed: S3's takes a while. */
export async function openObjects(
  { s3, directory = '', isOwnDirectory }: Place,
  { patience }: { patience?: Backoff } = {},
): Promise<OpenedObjects> {
  if (s3 !== undefined) {
    const { S3Store } = await import('../drivers/store/s3-store.ts');
    const objects = await S3Store.open(s3, { patience });
    return { objects, url: s3Url(s3), close: () => objects.close() };
  }
  const { FilesystemStore } = await import('../drivers/store/filesystem-store.ts');
  // Only our own default is made: a configured one that is missing may be a file system that is not mounted.
  if (isOwnDirectory) await mkdir(directory, { recursive: true, mode: 0o700 });
  const objects = await FilesystemStore.open(directory);
  return { objects, url: `file://${directory}`, close: () => undefined };
}

/** As `--store` and EMBERKEEP_STORE name it: an absolute path, or `s3://BUCKET/PREFIX`. */
export function storePlace({ s3, directory = '' }: Pick<Place, 's3' | 'directory'>): string {
  return s3 === undefined ? directory : s3Url(s3);
}
