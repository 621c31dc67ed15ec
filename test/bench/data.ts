import { createCipheriv, createHash } from 'node:crypto';
import { encodeBanner, encodeDataHeader, encodeEnd, encodeHeader } from '../../src/domain/rbd-diff/write.ts';

const recordBytes = 4 * 1024 ** 2;
/** Kinds of changes before an increment; each writes 64 MiB. */
export const changeKinds = {
  /** Inside the data, as a database or a log does. */
  rewrite: { pieceBytes: 64 * 1024, pieces: 1024, inData: true },
  scattered: { pieceBytes: 16 * 1024, pieces: 4096, inData: true },
  /** Where nothing was written before: each piece makes an object of its own in the cluster. */
  sparse: { pieceBytes: 16 * 1024, pieces: 4096, inData: false },
} as const;
export type ChangeKind = keyof typeof changeKinds;

/** More than any window of zstd -1 (512 KiB), so that its repetition compresses no better. */
const textBytes = 32 * 1024 ** 2;

/** The volume's first contents: half random bytes, half lines of a log; always the same for a seed. */
export function* firstContents(sizeBytes: number, dataBytes: number): Generator<Buffer> {
  yield encodeBanner();
  yield encodeHeader({ type: 'image-size', sizeBytes });
  const content = createContent('first', dataBytes);
  for (let offset = 0; offset < dataBytes; offset += recordBytes) {
    const length = Math.min(recordBytes, dataBytes - offset);
    yield encodeDataHeader('write', offset, length);
    yield content(offset, length);
  }
  yield encodeEnd();
}

/** As much data as firstContents, in records that lie as far from each other as they can. */
export function* spreadContents(sizeBytes: number, dataBytes: number): Generator<Buffer> {
  yield encodeBanner();
  yield encodeHeader({ type: 'image-size', sizeBytes });
  const content = createContent('spread', dataBytes);
  const records = Math.max(1, Math.floor(dataBytes / recordBytes));
  const stride = Math.floor(sizeBytes / records / recordBytes) * recordBytes;
  for (let record = 0; record < records; record++) {
    yield encodeDataHeader('write', record * stride, recordBytes);
    yield content(record * recordBytes, recordBytes);
  }
  yield encodeEnd();
}

/** Pieces at places that `places` decides and with bytes that `seed` decides, of the kind that is there. */
export function* changedContents(
  sizeBytes: number,
  dataBytes: number,
  { kind, seed, places }: { kind: ChangeKind; seed: string; places: string },
): Generator<Buffer> {
  yield encodeBanner();
  yield encodeHeader({ type: 'image-size', sizeBytes });
  const { pieceBytes, pieces, inData } = changeKinds[kind];
  const [start, end] = inData ? [0, dataBytes] : [dataBytes, sizeBytes];
  const content = createContent(seed, dataBytes);
  for (const place of choosePlaces(places, pieces, (end - start) / pieceBytes)) {
    const offset = start + place * pieceBytes;
    yield encodeDataHeader('write', offset, pieceBytes);
    yield content(offset % dataBytes, pieceBytes);
  }
  yield encodeEnd();
}

/** Distinct places, ascending, as a diff stream has them. */
function choosePlaces(seed: string, pieces: number, count: number): number[] {
  const random = randomBytesOf(seed, 4 * 64 * pieces);
  const places = new Set<number>();
  for (let at = 0; places.size < Math.min(pieces, count) && at < random.length; at += 4)
    places.add(random.readUInt32LE(at) % count);
  return [...places].sort((a, b) => a - b);
}

/** Gives what lies at an offset; the same seed gives the same bytes. */
function createContent(seed: string, dataBytes: number): (offset: number, length: number) => Buffer {
  const half = dataBytes / 2;
  const random = randomBytesOf(seed, textBytes);
  const text = logText(seed);
  return (offset, length) => {
    if (offset >= half) return wrapped(text, (offset - half) % text.length, length);
    // Encrypting with a key of its own makes each piece new without 512 MiB of memory.
    return encrypt(`${seed}:${offset}`, random.subarray(0, length));
  };
}

function wrapped(source: Buffer, start: number, length: number): Buffer {
  if (start + length <= source.length) return source.subarray(start, start + length);
  return Buffer.concat([source.subarray(start), source.subarray(0, start + length - source.length)]);
}

function randomBytesOf(seed: string, length: number): Buffer {
  return encrypt(seed, Buffer.alloc(length));
}

function encrypt(seed: string, plain: Buffer): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(plain);
}

const services = ['nginx', 'api', 'worker', 'scheduler', 'postgres', 'auth'];
const levels = ['INFO', 'INFO', 'INFO', 'WARN', 'DEBUG', 'ERROR'];

/** Lines like those of a web service, which zstd -1 brings to about 40 %. */
function logText(seed: string): Buffer {
  const random = randomBytesOf(`${seed}:text`, 16 * 512 * 1024);
  const text = Buffer.alloc(textBytes);
  let used = 0;
  for (let line = 0; used < text.length; line++) {
    const at = (line * 16) % random.length;
    const pick = (list: readonly string[], by: number): string => list[by % list.length] ?? '';
    const time = new Date(1_790_000_000_000 + line * 7 + (random[at] ?? 0)).toISOString();
    const service = pick(services, random[at + 1] ?? 0);
    const level = pick(levels, random[at + 2] ?? 0);
    const request = `GET /v1/items/${random.readUInt16LE(at + 3)}?page=${(random[at + 5] ?? 0) % 20}`;
    const trace = random.toString('hex', at + 8, at + 16);
    used += text.write(
      `${time} ${level} ${service}[${1000 + (random[at + 6] ?? 0)}]: ${request} took ${random.readUInt16LE(at + 6) / 100} ms, trace=${trace}\n`,
      used,
    );
  }
  return text;
}
