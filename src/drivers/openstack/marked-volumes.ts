import type { Volume } from './cinder-volume.ts';
import { hasStatus } from './http-error.ts';
import type { OpenStack } from './openstack.ts';
import { collect } from './pagination.ts';

/** A volume whose metadata has the key that it is looked for by. */
export interface MarkedVolume {
  volumeId: string;
  projectId: string;
  name: string;
  /** The key's value. */
  mark: string;
  status: string;
  isAttached: boolean;
  /** Cinder gave up on it before it took an image over. */
  isFailed: boolean;
  sizeGib: number;
  createdAt: Date;
}

export interface MarkedVolumes {
  /** Of every project. */
  list(): AsyncIterable<MarkedVolume>;
  /** Of one project, with exactly this mark. */
  withMark(projectId: string, mark: string): Promise<MarkedVolume[]>;
  /** As it is now; undefined when it is gone or has lost its mark. */
  get(volume: Pick<MarkedVolume, 'projectId' | 'volumeId'>): Promise<MarkedVolume | undefined>;
  /** Whether Cinder has any volume of this id. */
  exists(volumeId: string): Promise<boolean>;
  /** Returns when it is gone. */
  remove(volume: Pick<MarkedVolume, 'projectId' | 'volumeId'>): Promise<void>;
}

export function createMarkedVolumes(
  { cinder, inProject }: Pick<OpenStack, 'cinder' | 'inProject'>,
  { key, timeoutMs = 600_000 }: { key: string; timeoutMs?: number },
): MarkedVolumes {
  const marked = (volume: Volume): MarkedVolume[] => toMarked(volume, key);
  return {
    list: async function* () {
      for await (const volume of cinder.listVolumes({ allProjects: true })) yield* marked(volume);
    },
    withMark: async (projectId, mark) => {
      const found = await collect(inProject(projectId).cinder.listVolumes({ metadata: { [key]: mark } }));
      return found.flatMap(marked).filter((volume) => volume.mark === mark);
    },
    get: async ({ projectId, volumeId }) => {
      try {
        return marked(await inProject(projectId).cinder.getVolume(volumeId))[0];
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        throw error;
      }
    },
    exists: async (volumeId) => {
      try {
        await cinder.getVolume(volumeId);
        return true;
      } catch (error) {
        if (hasStatus(error, 404)) return false;
        throw error;
      }
    },
    remove: async ({ projectId, volumeId }) => {
      const client = inProject(projectId).cinder;
      await client.deleteVolume(volumeId);
      await client.waitForVolumeGone(volumeId, { timeoutMs });
    },
  };
}

function toMarked({ description, status, attachments, createdAt }: Volume, key: string): MarkedVolume[] {
  const mark = description.metadata[key];
  if (mark === undefined) return [];
  const { id: volumeId, projectId, name, sizeGib } = description;
  const isAttached = attachments.length > 0 || status === 'in-use';
  // Cinder renames the image after it has read its size: without a size, no image hangs on this volume.
  const isFailed = status.startsWith('error') && sizeGib === 0;
  return [{ volumeId, projectId, name, mark, status, isAttached, isFailed, sizeGib, createdAt }];
}
