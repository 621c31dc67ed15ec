/** What is measured on: a volume with data, its generations, and copies of it. */
import { openCloud, patience, type Cleanup } from '../support/devcloud.ts';
import { changedContents, firstContents, type ChangeKind } from './data.ts';
import { isLeftover, prefix } from './names.ts';
import { feedShell, runShell } from './shell.ts';

const sourcePool = 'volumes';
const targetPool = 'backups';
const target = `${targetPool}/${prefix}${process.pid}`;

/** Cinder as the service's own user, in whose project the volumes are. */
export type SceneCinder = ReturnType<typeof openCloud>['cinder'];

export interface Scene {
  cinder: SceneCinder;
  volumeId: string;
  /** Its image, POOL/IMAGE. */
  image: string;
  /** Snapshot of the newest generation, for the bare commands; Emberkeep takes its own. */
  snapshot(): string;
  /** Writes the first data and takes the first snapshot. */
  fill(): Promise<void>;
  /** Changes 64 MiB, at the same places when `places` is the same, or nothing, and takes the next snapshot. */
  change(kind: ChangeKind | 'nothing', places?: string): Promise<void>;
}

/** A volume of Cinder's, because cinder-backup knows no others. */
export async function createScene(
  { sizeBytes, dataBytes }: { sizeBytes: number; dataBytes: number },
  cleanup: Cleanup,
): Promise<Scene> {
  const cloud = openCloud('emberkeep');
  cleanup.add(() => {
    cloud.close();
    return Promise.resolve();
  });
  const volumeId = await createVolume(cloud.cinder, sizeBytes, '', cleanup);
  cleanup.add(() => removeImage(target));
  const image = imageOf(volumeId);
  let generation = 0;
  const snapshot = (): string => `bench-${generation}`;
  async function write(content: Iterable<Buffer>): Promise<void> {
    await feedShell(`rbd import-diff --no-progress - ${image}`, content);
    await runShell(`rbd snap create --no-progress ${image}@${snapshot()}`);
  }
  return {
    cinder: cloud.cinder,
    volumeId,
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

/** An empty volume; gives its id. `what` tells it from others of this run. */
export async function createVolume(
  cinder: SceneCinder,
  sizeBytes: number,
  what: string,
  cleanup?: Cleanup,
): Promise<string> {
  const sizeGib = sizeBytes / 1024 ** 3;
  const name = `${prefix}${process.pid}${what}`;
  const { description } = await cinder.createVolume({ name, sizeGib, volumeType: 'ceph' });
  cleanup?.add(() => removeVolume(cinder, description.id));
  await cinder.waitForVolume(description.id, ['available'], patience);
  return description.id;
}

export async function removeVolume(cinder: SceneCinder, volumeId: string): Promise<void> {
  // Cinder would put an image with snapshots of others into the trash and leave it there.
  await purgeSnapshots(imageOf(volumeId));
  await cinder.deleteVolume(volumeId);
  await cinder.waitForVolumeGone(volumeId, patience);
}

export function imageOf(volumeId: string): string {
  return `${sourcePool}/volume-${volumeId}`;
}

/** An empty image for a restore by hand. */
export async function createTarget(sizeBytes: number): Promise<string> {
  await runShell(`rbd create ${target} --size ${sizeBytes}B`);
  return target;
}

/** With its snapshots; one that is not there is fine. */
export async function removeImage(image: string): Promise<void> {
  await purgeSnapshots(image);
  await runShell(`! rbd info ${image} > /dev/null 2>&1 || rbd rm --no-progress ${image}`);
}

/** An image that is not there is fine. */
export async function purgeSnapshots(image: string): Promise<void> {
  await runShell(`! rbd info ${image} > /dev/null 2>&1 || rbd snap purge --no-progress ${image}`);
}

/** What runs that were killed have left. */
export async function removeLeftovers(): Promise<void> {
  const cloud = openCloud('emberkeep');
  try {
    for await (const { description, status } of cloud.cinder.listVolumes()) {
      if (!(await isLeftover(description.name))) continue;
      // `backing-up` for ever, when cinder-backup was killed at it.
      if (status !== 'available') await cloud.cinder.resetStatus(description.id, 'available');
      await removeVolume(cloud.cinder, description.id);
    }
  } finally {
    cloud.close();
  }
  const names = (await runShell(`rbd ls ${targetPool}`)).split('\n');
  for (const name of names) if (await isLeftover(name)) await removeImage(`${targetPool}/${name}`);
}

export async function contentHash(imageOrSnapshot: string): Promise<string> {
  return (await runShell(`rbd export --no-progress ${imageOrSnapshot} - | sha256sum`)).trim();
}
