import { z } from 'zod';
import { readAnswer } from './answer.ts';
import type { Volume } from './cinder-volume.ts';
import { segment, type CallOptions, type ServiceClient } from './service-client.ts';

const schema = z.object({ encryption_key_id: z.string().nullish() });

/**
 * The volume with the id of its key. Cinder leaves that of the fixed key out of a volume (api/v3/views/volumes.py), and
 * all of them before 3.64, and shows it to whoever asks about the encryption.
 */
export async function withKeyId(
  service: ServiceClient,
  volume: Volume,
  call: CallOptions = {},
): Promise<Volume> {
  const { encrypted, encryptionKeyId, id } = volume.description;
  if (!encrypted || encryptionKeyId !== undefined) return volume;
  const path = `/volumes/${segment(id)}/encryption`;
  const response = await service.request({ ...call, method: 'GET', path, expected: [200] });
  const keyId = readAnswer(schema, response).encryption_key_id ?? undefined;
  if (keyId === undefined) return volume;
  return { ...volume, description: { ...volume.description, encryptionKeyId: keyId } };
}
