/**
 * Throws random and damaged streams at the rbd diff engine: `node test/fuzz/rbd-diff.ts --inputs 1000000 --seed 7`.
 * Passes when nothing but INTEGRITY_* errors comes out, what is accepted means the same in any chunks and survives
 * zero elimination and packing, no input takes long and memory stays bounded. Exits with 1 otherwise.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AppError } from '../../src/base/errors.ts';
import { IndexDecoder } from '../../src/domain/link-index/decode.ts';
import { SegmentPacker, minSegmentBytes } from '../../src/domain/link-index/segment-packer.ts';
import { DiffParser } from '../../src/domain/rbd-diff/diff-parser.ts';
import { encodeBanner, encodeDataHeader, encodeEnd, encodeHeader } from '../../src/domain/rbd-diff/write.ts';
import { ZeroElimination } from '../../src/domain/rbd-diff/zeros.ts';

const slowMs = 2000;
const maxRssMib = 400;
const golden = new URL('../fixtures/rbd-diff/', import.meta.url);

type Random = (below: number) => number;

/** xorshift32: fast, and the same inputs for the same seed. */
function randomFrom(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function readCorpus(): Buffer[] {
  return readdirSync(golden)
    .filter((name) => name.endsWith('.rbdiff'))
    .map((name) => readFileSync(new URL(name, golden)))
    .filter((bytes) => bytes.length < 1000);
}

/** A stream that is valid more often than not. */
function generate(random: Random): Buffer {
  const parts = [encodeBanner()];
  if (random(2) === 0) parts.push(encodeHeader({ type: 'from-snap', name: 'a'.repeat(1 + random(40)) }));
  if (random(2) === 0) parts.push(encodeHeader({ type: 'to-snap', name: 'ü'.repeat(1 + random(20)) }));
  if (random(4) > 0)
    parts.push(encodeHeader({ type: 'image-size', sizeBytes: random(200_000) + 2 ** random(40) }));
  let offset = 0;
  for (let records = random(6); records > 0; records--) {
    offset += random(3) === 0 ? random(100_000) : 4096 * random(3);
    const length = random(8) === 0 ? 4096 * (1 + random(3)) : 1 + random(64);
    if (random(2) === 0) parts.push(encodeDataHeader('zero', offset, length));
    else parts.push(encodeDataHeader('write', offset, length), Buffer.alloc(length, random(3)));
    offset += length;
  }
  parts.push(encodeEnd());
  return Buffer.concat(parts);
}

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x65, 0x66, 0x73, 0x74, 0x77, 0x7a];

function mutate(source: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(source);
  for (let changes = random(4); changes > 0 && bytes.length > 0; changes--) {
    const at = random(bytes.length);
    const kind = random(6);
    if (kind === 0) bytes = Buffer.from(bytes.subarray(0, at));
    else if (kind === 1) bytes[at] = random(256);
    else if (kind === 2) bytes[at] = interesting[random(interesting.length)] ?? 0;
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(20))]);
    else if (kind === 4)
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(1 + random(20), random(256)),
        bytes.subarray(at),
      ]);
    else bytes.fill(random(2) * 0xff, at, Math.min(bytes.length, at + random(9)));
  }
  return bytes;
}

function push(parser: DiffParser, bytes: Buffer, step: number): void {
  for (let at = 0; at < bytes.length; at += step) parser.push(bytes.subarray(at, at + step));
  parser.finish();
}

const segment = Buffer.allocUnsafe(minSegmentBytes);

/** The packed stream of an accepted input, or the code of the error that refused it. */
function pack(bytes: Buffer, step: number): Buffer | string {
  const plain: Buffer[] = [];
  const packer = new SegmentPacker({
    segmentBytes: minSegmentBytes,
    takeBuffer: () => segment,
    onSegment: (packed) => plain.push(Buffer.from(packed.plain)),
  });
  return outcome(() => {
    push(new DiffParser(new ZeroElimination(packer)), bytes, step);
    return Buffer.concat(plain);
  });
}

function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('INTEGRITY_')) return error.code;
    throw error;
  }
}

/** Throws when the engine does anything else than accept or refuse; returns whether it accepted. */
function check(bytes: Buffer, random: Random): boolean {
  const whole = pack(bytes, Math.max(1, bytes.length));
  if (random(4) === 0) {
    const cut = pack(bytes, 1 + random(30));
    const same = typeof whole === 'string' ? whole === cut : typeof cut !== 'string' && whole.equals(cut);
    if (!same) throw new Error('the outcome depends on how the stream was cut');
  }
  if (random(8) === 0) outcome(() => pushIndex(bytes, 1 + random(30)));
  if (typeof whole === 'string') return false;
  const again = pack(whole, Math.max(1, whole.length));
  if (typeof again === 'string' || !again.equals(whole))
    throw new Error('what was packed does not read back');
  return true;
}

function pushIndex(bytes: Buffer, step: number): void {
  const decoder = new IndexDecoder();
  decoder.push(Buffer.from('emberkeep index v1\n'));
  for (let at = 0; at < bytes.length; at += step) decoder.push(bytes.subarray(at, at + step));
  decoder.finish();
}

function main(): number {
  const { values } = parseArgs({ options: { inputs: { type: 'string' }, seed: { type: 'string' } } });
  const inputs = Number(values.inputs ?? 1_000_000);
  const seed = Number(values.seed ?? 1);
  const random = randomFrom(seed);
  const corpus = readCorpus();
  // Most inputs end in an error, and stack traces would take half of the time.
  Error.stackTraceLimit = 0;
  const started = performance.now();
  let accepted = 0;
  let slowest = 0;
  for (let number = 0; number < inputs; number++) {
    const source = random(2) === 0 ? generate(random) : corpus[random(corpus.length)];
    const bytes = mutate(source ?? Buffer.alloc(0), random);
    const before = performance.now();
    try {
      if (check(bytes, random)) accepted += 1;
    } catch (error) {
      console.error(`seed ${seed}, input ${number}: ${bytes.toString('hex').slice(0, 4000)}`);
      console.error(error);
      Error.stackTraceLimit = 30;
      pack(bytes, bytes.length || 1);
      return 1;
    }
    slowest = Math.max(slowest, performance.now() - before);
  }
  const seconds = (performance.now() - started) / 1000;
  const rssMib = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${inputs} inputs (seed ${seed}): ${accepted} accepted, ${inputs - accepted} refused, ${Math.round(inputs / seconds)} inputs/s, slowest ${slowest.toFixed(1)} ms, peak RSS ${Math.round(rssMib)} MiB`,
  );
  return slowest > slowMs || rssMib > maxRssMib ? 1 : 0;
}

process.exitCode = main();
