import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { undefinedIfMissing } from './file-calls.ts';
import type { FolderUsage } from './object-store.ts';

/** Files and folders below a folder, itself included; what goes meanwhile is left out. */
export async function usageOf(folder: string): Promise<FolderUsage> {
  let sizeBytes = 0;
  let changedMs = 0;
  const names = (await readdir(folder, { recursive: true }).catch(undefinedIfMissing)) ?? [];
  for (const path of [folder, ...names.map((name) => join(folder, name))]) {
    const found = await stat(path).catch(undefinedIfMissing);
    if (found === undefined) continue;
    if (found.isFile()) sizeBytes += found.size;
    changedMs = Math.max(changedMs, found.mtimeMs);
  }
  return { sizeBytes, changedAt: changedMs === 0 ? undefined : new Date(changedMs) };
}
