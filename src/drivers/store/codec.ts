import { createHash } from 'node:crypto';
import { Readable, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createZstdCompress, createZstdDecompress, zstdDecompress } from 'node:zlib';

const decompressAsync = promisify(zstdDecompress);

/** Level 1: what the disk of a virtual machine gains from higher levels does not pay for their CPU time. */
const compressionLevel = 1;
const outputStepBytes = 1024 * 1024;

/** Compressed bytes in pieces; not joined, because that would copy every backup once more. */
export interface Frame {
  pieces: Buffer[];
  sizeBytes: number;
  sha256: Buffer;
  /**
   * Gives the memory back at once; `pieces` are gone then. Without it the garbage of a few seconds, which the
   * collector does not hurry to collect, makes up a third of a backup's memory.
   */
  release: () => void;
}

/**
 * One whole zstd frame with content size and checksum, so that `zstd -d` alone finds damage. `plain` must not change
 * before the promise resolves. The output step decides the speed: with Node's default of 16 KiB it is 3 times slower.
 */
export async function compressFrame(plain: Buffer): Promise<Frame> {
  const zstd = createZstdCompress({
    chunkSize: outputStepBytes,
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const pieces: Buffer[] = [];
  const hash = createHash('sha256');
  let sizeBytes = 0;
  zstd.end(plain);
  for await (const piece of zstd as AsyncIterable<Buffer>) {
    pieces.push(piece);
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { pieces, sizeBytes, sha256: hash.digest(), release: () => releasePieces(pieces) };
}

/** Detaches the memory behind the pieces; only what the compressor allocated for itself, never a shared pool. */
function releasePieces(pieces: Buffer[]): void {
  for (const { buffer } of pieces.splice(0)) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === outputStepBytes && !buffer.detached)
      buffer.transfer(0);
  }
}

/** The content of one frame; rejects when it is damaged or has more than `plainBytes`. */
export async function decompressFrame(stored: Buffer, plainBytes: number): Promise<Buffer> {
  return await decompressAsync(stored, {
    chunkSize: Math.max(64, plainBytes),
    maxOutputLength: Math.max(1, plainBytes),
  });
}

/** The content of concatenated frames as a stream. */
export async function* decompressFrames(
  stored: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  const zstd = createZstdDecompress({ chunkSize: outputStepBytes });
  // A failure of the source destroys the decompressor, so that the loop below throws it.
  pipeline(Readable.from(stored, { objectMode: false }), zstd, () => undefined);
  for await (const chunk of zstd) yield chunk as Buffer;
}

export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
