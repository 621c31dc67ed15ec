/** What is measured on: an image with data, its generations, and copies of it. */
import { stat } from 'node:fs/promises';
import type { Cleanup } from '../support/devcloud.ts';
import { changedContents, firstContents, type ChangeKind } from './data.ts';
import { feedShell, runShell } from './shell.ts';

const prefix = 'emberkeep-bench-';
const sourcePool = 'volumes';
const targetPool = 'backups';

export interface Scene {
  /** POOL/IMAGE */
  image: string;
  /** Snapshot of the newest generation, for the bare commands; Emberkeep takes its own. */
  snapshot(): string;
  /** Writes the first data and takes the first snapshot. */
  fill(): Promise<void>;
  /** Changes 64 MiB, at the same places when `places` is the same, or nothing, and takes the next snapshot. */
  change(kind: ChangeKind | 'nothing', places?: string): Promise<void>;
}

export async function createScene(
  { sizeBytes, dataBytes }: { sizeBytes: number; dataBytes: number },
  cleanup: Cleanup,
): Promise<Scene> {
  const image = `${sourcePool}/${prefix}${process.pid}`;
  let generation = 0;
  const snapshot = (): string => `bench-${generation}`;
  await runShell(`rbd create ${image} --size ${sizeBytes}B`);
  cleanup.add(() => removeImage(image));
  async function write(content: Iterable<Buffer>): Promise<void> {
    await feedShell(`rbd import-diff --no-progress - ${image}`, content);
    await runShell(`rbd snap create --no-progress ${image}@${snapshot()}`);
  }
  return {
    image,
    snapshot,
    fill: () => write(firstContents(sizeBytes, dataBytes)),
    change: async (kind, places) => {
      generation += 1;
      const seed = `generation ${generation}`;
      if (kind === 'nothing') await runShell(`rbd snap create --no-progress ${image}@${snapshot()}`);
      else await write(changedContents(sizeBytes, dataBytes, { kind, seed, places: places ?? seed }));
    },
  };
}

/** An empty image for a restore by hand. */
export async function createTarget(sizeBytes: number): Promise<string> {
  const image = `${targetPool}/${prefix}${process.pid}`;
  await runShell(`rbd create ${image} --size ${sizeBytes}B`);
  return image;
}

/** With its snapshots; one that is not there is fine. */
export async function removeImage(image: string): Promise<void> {
  await runShell(
    `! rbd info ${image} > /dev/null 2>&1 || { rbd snap purge --no-progress ${image}; rbd rm --no-progress ${image}; }`,
  );
}

/** What a run that was killed has left. */
export async function removeLeftovers(): Promise<void> {
  for (const pool of [sourcePool, targetPool]) {
    const names = (await runShell(`rbd ls ${pool}`)).split('\n').filter((name) => name.startsWith(prefix));
    for (const name of names)
      if (!(await isRunning(name.slice(prefix.length)))) await removeImage(`${pool}/${name}`);
  }
}

async function isRunning(pid: string): Promise<boolean> {
  return await stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}

export async function contentHash(imageOrSnapshot: string): Promise<string> {
  return (await runShell(`rbd export --no-progress ${imageOrSnapshot} - | sha256sum`)).trim();
}
