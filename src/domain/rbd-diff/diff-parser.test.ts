import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffParser } from './diff-parser.ts';
import { maxSnapshotNameBytes } from './records.ts';
import { encodeDataHeader, encodeHeader } from './write.ts';

const banner = Buffer.from('rbd diff v1\n');
const size = encodeHeader({ type: 'image-size', sizeBytes: 1_000_000 });
const end = Buffer.from('e');
const ignored = (): void => undefined;

function parse(...parts: Buffer[]): void {
  const parser = new DiffParser({
    header: ignored,
    write: ignored,
    data: ignored,
    zero: ignored,
    end: ignored,
  });
  for (const part of parts) parser.push(part);
  parser.finish();
}

function nameHeader(bytes: number): Buffer {
  const header = Buffer.alloc(5, 0x74);
  header.writeUInt32LE(bytes, 1);
  return header;
}

const zero = (offset: number, length: number): Buffer => encodeDataHeader('zero', offset, length);

const malformed: [string, Buffer[], number][] = [
  ['another banner', [Buffer.from('rbd diff v2\n'), end], 0],
  ['another banner of which only the start is there', [Buffer.from('qcow')], 0],
  ['an unknown tag', [banner, Buffer.from('x')], 12],
  ['bytes after the end', [banner, size, end, end], 22],
  ['bytes after the end in the same chunk', [Buffer.concat([banner, end, banner])], 13],
  ['an empty snapshot name', [banner, nameHeader(0)], 12],
  ['a snapshot name without bounds', [banner, nameHeader(maxSnapshotNameBytes + 1)], 12],
  ['a snapshot name that is not UTF-8', [banner, nameHeader(1), Buffer.of(0xff)], 12],
  ['the same header twice', [banner, size, size], 21],
  ['a header after data', [banner, size, zero(0, 1), encodeHeader({ type: 'to-snap', name: 'a' })], 38],
  ['an empty extent', [banner, size, zero(5, 0)], 21],
  ['extents that do not ascend', [banner, size, zero(4096, 4096), zero(0, 4096)], 38],
  ['extents that overlap', [banner, size, zero(0, 4096), zero(4095, 1)], 38],
  ['an extent outside the image', [banner, size, zero(999_999, 2)], 21],
  ['an offset beyond 2^53', [banner, Buffer.concat([Buffer.from('z'), Buffer.alloc(16, 0xff)])], 12],
  ['an extent that ends beyond 2^53', [banner, zero(Number.MAX_SAFE_INTEGER, 1)], 12],
];

for (const [what, parts, position] of malformed) {
  test(`refuses ${what}, and says where`, () => {
    assert.throws(() => parse(...parts), { code: 'INTEGRITY_DIFF_MALFORMED', details: { position } });
    const bytes = [...Buffer.concat(parts)].map((byte) => Buffer.of(byte));
    assert.throws(() => parse(...bytes), { code: 'INTEGRITY_DIFF_MALFORMED', details: { position } });
  });
}

test('a name of the greatest length passes, whole and byte by byte', () => {
  const record = encodeHeader({ type: 'to-snap', name: 'n'.repeat(maxSnapshotNameBytes) });
  parse(banner, record, end);
  parse(...[...Buffer.concat([banner, record, end])].map((byte) => Buffer.of(byte)));
});

test('offsets up to 2^53 pass', () => {
  parse(banner, zero(Number.MAX_SAFE_INTEGER - 1, 1), end);
});

test('what the sink throws ends the parse', () => {
  const failure = new Error('sink');
  const parser = new DiffParser({
    header: ignored,
    write: ignored,
    data: ignored,
    zero: () => {
      throw failure;
    },
    end: ignored,
  });
  assert.throws(() => parser.push(Buffer.concat([banner, zero(0, 1)])), failure);
});
