import { mkdir } from 'node:fs/promises';
import type { Backoff } from '../base/retry.ts';
import type { AppConfig } from '../config.ts';
import type { ObjectStore } from '../drivers/store/object-store.ts';
import { s3Url } from '../drivers/store/s3-settings.ts';

export interface OpenedObjects {
  objects: ObjectStore;
  /** As the catalog names the store. */
  url: string;
  close: () => void;
}

/** The place that the configuration names, whatever is in it. Drivers are loaded when needed: S3's takes a while. */
export async function openObjects(
  config: Pick<AppConfig, 's3' | 'store' | 'storeDirectory'>,
  { patience }: { patience?: Backoff } = {},
): Promise<OpenedObjects> {
  if (config.s3 !== undefined) {
    const { S3Store } = await import('../drivers/store/s3-store.ts');
    const objects = await S3Store.open(config.s3, { patience });
    return { objects, url: s3Url(config.s3), close: () => objects.close() };
  }
  const { FilesystemStore } = await import('../drivers/store/filesystem-store.ts');
  // Only our own default is made: a configured one that is missing may be a file system that is not mounted.
  if (config.store.directory === undefined)
    await mkdir(config.storeDirectory, { recursive: true, mode: 0o700 });
  const objects = await FilesystemStore.open(config.storeDirectory);
  return { objects, url: `file://${config.storeDirectory}`, close: () => undefined };
}

/** As `--store` and EMBERKEEP_STORE name it: an absolute path, or `s3://BUCKET/PREFIX`. */
export function storePlace({ s3, storeDirectory }: Pick<AppConfig, 's3' | 'storeDirectory'>): string {
  return s3 === undefined ? storeDirectory : s3Url(s3);
}
