import { AppError } from '../../base/errors.ts';
import type { VolumeDescription } from '../../domain/disk.ts';
import type { CinderBackend, VolumeTypeNow } from './deps.ts';

type NearBackend = CinderBackend & { location: NonNullable<CinderBackend['location']> };

export interface ChosenBackend {
  backend: NearBackend;
  volumeType: string;
  /** What is not as it was recorded, in words. */
  notes: string[];
}

export interface BackendFacts {
  /** What the volume was; undefined for Nova's own disks and bare images. */
  recorded: Pick<VolumeDescription, 'host' | 'volumeType' | 'encrypted'> | undefined;
  /** Backends of Cinder that are up. */
  backends: readonly CinderBackend[];
  types: readonly VolumeTypeNow[];
  /** Where the fresh image is made: only backends of that cluster can take it over. */
  backupsPool: { cluster: string; pool: string };
}

/**
 * The backend and type that the volume had; else the backend of its type; else the one over the backups pool. No type that
 * encrypts for a volume that was not encrypted: Cinder would give it no key, and no instance could attach it. For one that
 * was, no other type: its bytes are of use with that type's cipher only.
 */
export function chooseBackend({ recorded, backends, types: all, backupsPool }: BackendFacts): ChosenBackend {
  const encrypted = recorded?.encrypted ?? false;
  const types = all.filter((type) => type.encrypted === encrypted);
  const near = backends.filter(
    (backend): backend is NearBackend => backend.location?.cluster === backupsPool.cluster,
  );
  const type = types.find(({ name }) => name === recorded?.volumeType);
  if (recorded?.volumeType !== undefined && type !== undefined) {
    const same =
      near.find(({ host }) => host === recorded.host) ?? near.find((backend) => serves(backend, type));
    if (same !== undefined) return { backend: same, volumeType: type.name, notes: [] };
  }
  if (encrypted) {
    throw new AppError(
      'CONFLICT_NO_BACKEND',
      `no Cinder backend that is up can take the volume: ${wanted(recorded)}, encrypted, and another type could not read it; ${advice(backends, backupsPool.cluster)}`,
    );
  }
  const fallback = near.find(({ location }) => location.pool === backupsPool.pool);
  const fallbackType = fallback && types.find((candidate) => serves(fallback, candidate));
  if (fallback === undefined || fallbackType === undefined) {
    throw new AppError(
      'CONFLICT_NO_BACKEND',
      `no Cinder backend that is up can take the volume over: ${wanted(recorded)}, and none serves pool ${backupsPool.pool} with a volume type; ${advice(backends, backupsPool.cluster)}`,
    );
  }
  const notes =
    recorded === undefined
      ? []
      : [`${wanted(recorded)} cannot be had; the volume is of type ${fallbackType.name} instead`];
  return { backend: fallback, volumeType: fallbackType.name, notes };
}

/** After the loss of a cluster Cinder may still be on the old one, and its services are up all the same. */
function advice(backends: readonly CinderBackend[], cluster: string): string {
  const strangers = backends.filter(({ location }) => location === undefined).map(({ host }) => host);
  if (strangers.length === 0) return 'check openstack volume service list, or restore with mode image';
  return `${strangers.join(', ')} ${strangers.length === 1 ? 'is' : 'are'} up, but on a Ceph with another fsid than the clusters of the configuration: point Cinder to cluster "${cluster}" (rbd_ceph_conf), or restore with mode image`;
}

function serves(backend: CinderBackend, type: { backendName: string | undefined }): boolean {
  return type.backendName !== undefined && type.backendName === backend.backendName;
}

function wanted(recorded: BackendFacts['recorded']): string {
  if (recorded === undefined) return 'the disk was no Cinder volume';
  return `its type ${recorded.volumeType ?? '(none)'} on ${recorded.host ?? 'an unknown backend'}`;
}
