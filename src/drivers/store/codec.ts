import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, createZstdCompress, zstdDecompress } from 'node:zlib';
import { openSealed, seal, tagBytes } from './sealing.ts';
import type { Seal } from './sealing.ts';

const decompressAsync = promisify(zstdDecompress);

/** Level 1: what the disk of a virtual machine gains from higher levels does not pay for their CPU time. */
const compressionLevel = 1;
/** More than headers and checksum take, and than ZSTD_compressBound adds for small inputs. */
const frameOverheadBytes = 1024;
const maxOutputStepBytes = 8 * 1024 * 1024;
const dictionaryIdBytes = [0, 1, 2, 4];
/** Room behind the output: when it is quite full, zlib gets itself another buffer, which only a collection frees. */
const spareBytes = 64;

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
 * One whole zstd frame with content size and checksum, so that `zstd -d` alone finds damage, or with `sealWith` the
 * same encrypted, and its hash that of the encrypted bytes. `plain` must not change before the promise resolves.
 *
 * All of it in one call of the library, with room for the worst case: given less room, or not told that this is the
 * end, zstd copies the input into a window of its own and takes a fifth more CPU time (ZSTD_compressStream2 in zstd.h,
 * "ZSTD_e_end"). Node tells it only in `end()`, after the data; hence the flush option, and no `end()`.
 */
export async function compressFrame(plain: Buffer, sealWith?: Seal): Promise<Frame> {
  const roomBytes = plain.length + Math.ceil(plain.length / 256) + frameOverheadBytes;
  const zstd = createZstdCompress({
    chunkSize: roomBytes,
    flush: constants.ZSTD_e_end,
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  const pieces: Buffer[] = [];
  const hash = createHash('sha256');
  let sizeBytes = 0;
  zstd.on('data', (piece: Buffer) => {
    pieces.push(piece);
    if (sealWith === undefined) hash.update(piece);
    sizeBytes += piece.length;
  });
  await new Promise<void>((resolve, reject) => {
    zstd.on('error', reject);
    zstd.write(plain, () => resolve());
  });
  zstd.destroy();
  if (sealWith !== undefined) {
    pieces.push(await seal(pieces, sealWith, hash));
    sizeBytes += tagBytes;
  }
  return { pieces, sizeBytes, sha256: hash.digest(), release: () => releasePieces(pieces, roomBytes) };
}

/** Detaches the memory behind the pieces; only what the compressor allocated for itself, never a shared pool. */
function releasePieces(pieces: Buffer[], roomBytes: number): void {
  for (const { buffer } of pieces.splice(0)) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === roomBytes && !buffer.detached)
      buffer.transfer(0);
  }
}

/** The content of one frame; rejects when it is damaged or has more than `plainBytes`. */
export async function decompressFrame(stored: Buffer, plainBytes: number): Promise<Buffer> {
  return await decompressAsync(stored, {
    chunkSize: Math.min(plainBytes, contentBytes(stored) ?? plainBytes, maxOutputStepBytes) + spareBytes,
    maxOutputLength: Math.max(1, plainBytes),
  });
}

/**
 * What a frame says of the size of its content (RFC 8878, 3.1.1.1), to get the memory for it at once and no more;
 * undefined when it does not say. Not to be relied on: the frame can be damaged.
 */
function contentBytes(frame: Buffer): number | undefined {
  const descriptor = frame[4] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + (dictionaryIdBytes[descriptor & 3] ?? 0);
  if (frame.length < at + 8) return undefined;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? frame[at] : undefined;
    case 1:
      return frame.readUInt16LE(at) + 256;
    case 2:
      return frame.readUInt32LE(at);
    default:
      return Number(frame.readBigUInt64LE(at));
  }
}

/** Bytes of the skippable frame that goes before each frame of a stream of frames and tells its length. */
const prefixBytes = 12;
const skippableMagic = 0x184d2a50;
/** Plain bytes of one frame in a stream of frames, at most. */
const maxFramePlainBytes = 64 * 1024 * 1024;
/** Nothing that fits into a frame is longer as stored, so that a reader's memory is bounded before it believes it. */
const maxFrameStoredBytes = maxFramePlainBytes + maxFramePlainBytes / 256 + frameOverheadBytes;

/**
 * A frame for a stream of frames: in front of it a skippable frame (RFC 8878, 3.1.2) with its length, which `zstd -d`
 * passes over. Node's decompressors need it: given concatenated frames they stop after the first, without an error.
 */
export async function compressStreamFrame(plain: Buffer, sealWith?: Seal): Promise<Buffer> {
  const frame = await compressFrame(plain, sealWith);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32LE(skippableMagic, 0);
  prefix.writeUInt32LE(4, 4);
  prefix.writeUInt32LE(frame.sizeBytes, 8);
  return Buffer.concat([prefix, ...frame.pieces]);
}

/**
 * The contents of the frames of a stream of frames, one by one. `sealOf` tells how a frame, numbered from 0, was
 * encrypted. Throws an Error when the bytes are not what was written.
 */
export async function* decompressStreamFrames(
  stored: AsyncIterable<Buffer>,
  sealOf?: (frame: number) => Seal,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of stored) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (let end = frameEnd(rest); end <= rest.length; end = frameEnd(rest)) {
      const frame = rest.subarray(prefixBytes, end);
      // Opened in a copy: these are the caller's chunks, and a frame is small.
      const opened = sealOf === undefined ? frame : await openSealed(Buffer.from(frame), sealOf(number++));
      yield await decompressFrame(opened, maxFramePlainBytes);
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
  const length = bytes.readUInt32LE(8);
  if (length > maxFrameStoredBytes) throw new RangeError('a frame that is too long');
  return prefixBytes + length;
}

export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
