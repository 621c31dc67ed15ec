import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, createZstdCompress, zstdDecompress } from 'node:zlib';

const decompressAsync = promisify(zstdDecompress);

/** Level 1: what the disk of a virtual machine gains from higher levels does not pay for their CPU time. */
const compressionLevel = 1;
const outputStepBytes = 1024 * 1024;
const maxOutputStepBytes = 8 * 1024 * 1024;

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
    chunkSize: Math.max(64, Math.min(plainBytes, maxOutputStepBytes)),
    maxOutputLength: Math.max(1, plainBytes),
  });
}

/** Bytes of the skippable frame that goes before each frame of a stream of frames and tells its length. */
const prefixBytes = 12;
const skippableMagic = 0x184d2a50;
/** Plain bytes of one frame in a stream of frames, at most. */
const maxFramePlainBytes = 64 * 1024 * 1024;

/**
 * A frame for a stream of frames: in front of it a skippable frame (RFC 8878, 3.1.2) with its length, which `zstd -d`
 * passes over. Node's decompressors need it: given concatenated frames they stop after the first, without an error.
 */
export async function compressStreamFrame(plain: Buffer): Promise<Buffer> {
  const frame = await compressFrame(plain);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(skippableMagic, 0);
  prefix.writeUInt32LE(4, 4);
  prefix.writeUInt32LE(frame.sizeBytes, 8);
  return Buffer.concat([prefix, ...frame.pieces]);
}

/** The contents of the frames of a stream of frames, one by one. */
export async function* decompressStreamFrames(
  stored: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stored) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (let end = frameEnd(rest); end <= rest.length; end = frameEnd(rest)) {
      yield await decompressFrame(rest.subarray(prefixBytes, end), maxFramePlainBytes);
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new RangeError('the last frame is incomplete');
}

/** Where the first frame of `bytes` ends; Infinity when its prefix is not there yet. */
function frameEnd(bytes: Buffer): number {
  if (bytes.length < prefixBytes) return Infinity;
  if (bytes.readUInt32LE(0) !== skippableMagic || bytes.readUInt32LE(4) !== 4)
    throw new RangeError('no frame prefix');
  return prefixBytes + bytes.readUInt32LE(8);
}

export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
