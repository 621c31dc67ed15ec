import { AppError } from '../../base/errors.ts';
import type { ImageLocation } from '../../domain/disk.ts';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import type { Placement } from './deps.ts';

/**
 * Where Cinder keeps a volume: `host@backend#pool` names the backend, the configuration its pool, and the image is named
 * by the volume's name_id, which differs from its id after a migration (cinder/objects/volume.py, `name_id`).
 */
export function locateVolume(placement: Placement, volume: Volume): ImageLocation {
  if (volume.description.host === undefined) {
    throw new AppError(
      'CONFLICT_VOLUME_HOST',
      `volume ${volume.description.id} has no host: Cinder shows it to administrators only, and only once the volume is made; give the service user the role admin`,
    );
  }
  const backend = backendOf(volume.description.host);
  const named = backend === undefined ? undefined : placement.backends[backend];
  return { ...(named ?? placement.volumesPool), image: volume.imageName };
}

/** `ceph` of `cloud@ceph#pool`; undefined when the host names no backend. */
export function backendOf(host: string): string | undefined {
  return /@([^#]+)/.exec(host)?.[1];
}
