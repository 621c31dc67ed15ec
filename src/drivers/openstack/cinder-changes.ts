import { z } from 'zod';
import { readAnswer } from './answer.ts';
import type { Volume } from './cinder-volume.ts';
import type { HttpResponse } from './request.ts';
import { segment, type CallOptions, type ServiceClient } from './service-client.ts';

/** Takes an RBD image in as a volume. */
export interface ManageRequest {
  /** `host@backend#pool` of the backend in whose pool the image is. */
  host: string;
  /** The image; Cinder renames it to `volume-<new id>` and keeps its snapshots. */
  imageName: string;
  name: string;
  description?: string | undefined;
  /** A type of that backend, not encrypted. */
  volumeType?: string | undefined;
  availabilityZone?: string | undefined;
  bootable: boolean;
  metadata?: Record<string, string>;
}

export interface CreateVolumeRequest {
  sizeGib: number;
  name: string;
  description?: string | undefined;
  volumeType?: string | undefined;
  availabilityZone?: string | undefined;
  imageId?: string | undefined;
  metadata?: Record<string, string>;
}

/** What changes volumes. The volume belongs to the project of the client that makes it. */
export interface VolumeChanges {
  /**
   * Admin only, in the project that shall own the volume. The answer is a volume in `creating`: wait for `available`;
   * a missing image or a type of another backend shows only then, as an error.
   */
  manageVolume(request: ManageRequest, call?: CallOptions): Promise<Volume>;
  /** Lets go of it: the image stays as `volume-<id>`. Admin only. */
  unmanageVolume(volumeId: string, call?: CallOptions): Promise<void>;
  createVolume(request: CreateVolumeRequest, call?: CallOptions): Promise<Volume>;
  /** Asks for it; a volume that is gone is fine. */
  deleteVolume(volumeId: string, call?: CallOptions): Promise<void>;
  setBootable(volumeId: string, bootable: boolean, call?: CallOptions): Promise<void>;
  /** Adds to the image metadata that instances booting from the volume go by (hw_*, min_disk, ...). */
  setImageMetadata(volumeId: string, metadata: Record<string, string>, call?: CallOptions): Promise<void>;
  /** Adds to the metadata; other keys stay. */
  addMetadata(volumeId: string, metadata: Record<string, string>, call?: CallOptions): Promise<void>;
  updateVolume(
    volumeId: string,
    change: { name?: string; description?: string },
    call?: CallOptions,
  ): Promise<void>;
  /** Cinder's word for it, not the image's state: for an administrator's repair only. */
  resetStatus(volumeId: string, status: string, call?: CallOptions): Promise<void>;
}

export function createVolumeChanges(
  service: ServiceClient,
  readVolume: (volume: unknown, response: HttpResponse) => Promise<Volume>,
): VolumeChanges {
  const send = async (
    path: string,
    body: unknown,
    call: CallOptions | undefined,
    method: 'POST' | 'PUT' = 'POST',
  ) => await service.request({ ...call, method, path, body, expected: [200, 202] });
  const act = async (volumeId: string, action: string, argument: unknown, call: CallOptions | undefined) => {
    await send(`/volumes/${segment(volumeId)}/action`, { [action]: argument }, call);
  };
  const make = async (path: string, volume: Record<string, unknown>, call: CallOptions | undefined) => {
    const response = await send(path, { volume }, call);
    return await readVolume(readAnswer(z.object({ volume: z.unknown() }), response).volume, response);
  };
  return {
    manageVolume: (request, call) => make('/manageable_volumes', manageBody(request), call),
    createVolume: (request, call) => make('/volumes', createBody(request), call),
    unmanageVolume: (volumeId, call) => act(volumeId, 'os-unmanage', {}, call),
    setBootable: (volumeId, bootable, call) => act(volumeId, 'os-set_bootable', { bootable }, call),
    setImageMetadata: (volumeId, metadata, call) =>
      act(volumeId, 'os-set_image_metadata', { metadata }, call),
    resetStatus: (volumeId, status, call) => act(volumeId, 'os-reset_status', { status }, call),
    addMetadata: async (volumeId, metadata, call) => {
      await send(`/volumes/${segment(volumeId)}/metadata`, { metadata }, call);
    },
    updateVolume: async (volumeId, change, call) => {
      await send(`/volumes/${segment(volumeId)}`, { volume: change }, call, 'PUT');
    },
    deleteVolume: async (volumeId, call) => {
      await service.request({
        ...call,
        method: 'DELETE',
        path: `/volumes/${segment(volumeId)}`,
        expected: [202, 404],
      });
    },
  };
}

function manageBody(request: ManageRequest): Record<string, unknown> {
  return {
    host: request.host,
    ref: { 'source-name': request.imageName },
    bootable: request.bootable,
    ...commonBody(request),
  };
}

function createBody(request: CreateVolumeRequest): Record<string, unknown> {
  return {
    size: request.sizeGib,
    ...commonBody(request),
    ...(request.imageId === undefined ? {} : { imageRef: request.imageId }),
  };
}

function commonBody(request: ManageRequest | CreateVolumeRequest): Record<string, unknown> {
  return {
    name: request.name,
    metadata: request.metadata ?? {},
    ...(request.description === undefined ? {} : { description: request.description }),
    ...(request.volumeType === undefined ? {} : { volume_type: request.volumeType }),
    ...(request.availabilityZone === undefined ? {} : { availability_zone: request.availabilityZone }),
  };
}
