import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Changes one byte in the middle of a link's first segment, as a disk that fails would. */
export async function flipByte(storeDirectory: string, linkId: string): Promise<void> {
  const folder = join(storeDirectory, 'links', linkId, 'segments');
  const [name = ''] = await readdir(folder);
  const file = await open(join(folder, name), 'r+');
  try {
    const { size } = await file.stat();
    const at = Math.floor(size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 0x10), 0, 1, at);
  } finally {
    await file.close();
  }
}
