import { createSecretKey } from 'node:crypto';
import type { MasterKeys } from '../../src/drivers/store/master-key.ts';

/** A master key that nobody must use. */
export function testKeys(): MasterKeys {
  const key = { id: '0123456789abcdef', secret: createSecretKey(Buffer.alloc(32, 7)) };
  return { current: key, all: [key] };
}
