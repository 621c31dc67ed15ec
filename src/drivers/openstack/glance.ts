import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { readAnswer } from './answer.ts';
import { hasStatus } from './http-error.ts';
import { segment, type CallOptions, type ServiceClient } from './service-client.ts';

export interface GlanceImage {
  id: string;
  name: string;
  status: string;
  minDiskGib: number;
  minRamMib: number;
  sizeBytes: number | undefined;
  /** Everything that has a text: hw_*, os_*, img_*, ... (API v2 puts properties beside the fixed fields). */
  properties: Record<string, string>;
}

export interface Glance {
  /** Throws NOTFOUND_IMAGE. */
  getImage(imageId: string, call?: CallOptions): Promise<GlanceImage>;
}

const fixedFields = new Set([
  'id',
  'name',
  'status',
  'visibility',
  'owner',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'container_format',
  'disk_format',
  'created_at',
  'updated_at',
  'self',
  'file',
  'schema',
  'direct_url',
  'stores',
]);

const imageSchema = z
  .looseObject({
    id: z.string(),
    name: z.string().nullish(),
    status: z.string(),
    min_disk: z.number(),
    min_ram: z.number(),
    size: z.number().nullish(),
  })
  .transform((raw): GlanceImage => ({
    id: raw.id,
    name: raw.name ?? '',
    status: raw.status,
    minDiskGib: raw.min_disk,
    minRamMib: raw.min_ram,
    sizeBytes: raw.size ?? undefined,
    properties: Object.fromEntries(
      Object.entries(raw).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string' && !fixedFields.has(entry[0]),
      ),
    ),
  }));

/** Glance's images; https://docs.openstack.org/api-ref/image/v2/. */
export function createGlance(service: ServiceClient): Glance {
  return {
    async getImage(imageId, call) {
      try {
        const path = `/v2/images/${segment(imageId)}`;
        return readAnswer(
          imageSchema,
          await service.request({ ...call, method: 'GET', path, expected: [200] }),
        );
      } catch (error) {
        if (!hasStatus(error, 404)) throw error;
        throw new AppError(
          'NOTFOUND_IMAGE',
          `Glance image ${imageId} was not found: it may have been deleted since.`,
          {
            cause: error,
            details: { imageId, status: 404 },
          },
        );
      }
    },
  };
}
