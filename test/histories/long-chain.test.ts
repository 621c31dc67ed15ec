/** I11: a chain of a hundred links over an image of 1 TiB, each link scattered over all of it, in bounded memory. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { newId } from '../../src/base/ids.ts';
import type { LinkManifest } from '../../src/domain/manifest.ts';
import type { DiffRecord } from '../../src/domain/rbd-diff/records.ts';
import { writeDiff } from '../../src/domain/rbd-diff/write.ts';
import { openBackupStore } from '../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../src/drivers/store/filesystem-store.ts';
import { noise, sampleHeader } from '../contract/store-samples.ts';

const imageBytes = 2 ** 40;
const linkCount = 100;
const pieceBytes = 64 * 1024;
/** More than one segment of 8 MiB: a hundred open ones are far more than may be held. */
const pieces = 130;
const limitBytes = 256 * 1024 * 1024;

test('a chain of 100 links of a sparse image of 1 TiB takes at most 256 MiB', async () => {
  const root = await mkdtemp(join(tmpdir(), 'ek-long-chain-'));
  try {
    const store = await openBackupStore(await FilesystemStore.open(root), { create: true });
    const chain: LinkManifest[] = [];
    for (let turn = 0; turn < linkCount; turn++) {
      const parent = chain.at(-1);
      const linkId = newId();
      const header = sampleHeader({
        linkId,
        toSnapshot: { name: `s-${turn}`, id: turn + 1 },
        ...(parent && {
          kind: 'increment',
          chainId: parent.chainId,
          parentLinkId: parent.linkId,
          depth: turn,
          fullReason: null,
          fromSnapshot: parent.toSnapshot,
        }),
      });
      const stream = scattered(turn, header.fromSnapshot?.name);
      chain.push(await store.writeLink({ header, stream, exported: Promise.resolve() }));
    }
    const script = join(import.meta.dirname, 'read-chain-process.ts');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [script, root, ...chain.map(({ linkId }) => linkId)],
      { timeout: 300_000 },
    );
    const { bytes, peakBytes } = JSON.parse(stdout) as { bytes: number; peakBytes: number };
    assert.ok(bytes > linkCount * pieces * pieceBytes, 'every piece of every link is live');
    assert.ok(peakBytes <= limitBytes, `it took ${Math.ceil(peakBytes / 2 ** 20)} MiB`);
  } finally {
    await rm(root, { recursive: true });
  }
});

/** Pieces all over the image, none where another link has one. */
function* records(turn: number, from: string | undefined): Generator<DiffRecord> {
  if (from !== undefined) yield { type: 'from-snap', name: from };
  yield { type: 'to-snap', name: `s-${turn}` };
  yield { type: 'image-size', sizeBytes: imageBytes };
  const distance = imageBytes / pieces;
  const data = noise(pieceBytes, turn + 1);
  for (let piece = 0; piece < pieces; piece++)
    yield { type: 'write', offset: Math.floor(piece * distance) + turn * 1024 * 1024, data };
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async source with nothing to wait for
async function* scattered(turn: number, from: string | undefined): AsyncGenerator<Buffer> {
  yield* writeDiff(records(turn, from));
}
