/** A gateway that takes requests and does not answer: whoever is cancelled need not wait for its minutes of patience. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../../src/base/ids.ts';
import type { LinkManifest } from '../../../src/domain/manifest.ts';
import type { DiffRecord } from '../../../src/domain/rbd-diff/records.ts';
import { openBackupStore, type BackupStore } from '../../../src/drivers/store/backup-store.ts';
import type { S3Store } from '../../../src/drivers/store/s3-store.ts';
import { sampleHeader, sampleStream } from '../../contract/store-samples.ts';
import { streamOf } from '../../fuzz/diff-arbitraries.ts';
import { s3Cloud, ScratchBucket } from '../../support/s3-buckets.ts';
import { startSilentRelay, type SilentRelay } from '../../support/silent-relay.ts';

const mib = 1024 * 1024;
/** Less than one wait of the driver for an answer, of which it makes three. */
const limit = { timeout: 50_000 };

describe('an S3 gateway that is silent', () => {
  let bucket: ScratchBucket;
  let relay: SilentRelay;
  let objects: S3Store;
  let store: BackupStore;

  before(async () => {
    bucket = await ScratchBucket.make();
    const { hostname, port } = new URL(s3Cloud().endpoint);
    relay = await startSilentRelay({ host: hostname, port: Number(port) });
    objects = await bucket.open({ endpoint: `http://127.0.0.1:${relay.port}` });
    store = await openBackupStore(objects, { create: true, segmentBytes: mib });
  });
  after(async () => {
    objects.close();
    await relay.close();
    await bucket.remove();
  });

  const data: DiffRecord[] = [0, 1, 2, 3, 4, 5].map((at) => ({
    type: 'write',
    offset: at * 4 * mib,
    data: randomBytes(mib),
  }));

  /** Everything but the store's own marker. */
  async function leftovers(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of objects.list('links/')) keys.push(key);
    return [...keys, ...(await bucket.uploads())];
  }

  test(
    'a link that is being written is given up at once, and can be removed when it answers again',
    limit,
    async () => {
      const cancel = new AbortController();
      const header = sampleHeader({ linkId: newId() });
      let held: Promise<void> | undefined;
      const written = store.writeLink({
        header,
        stream: streamOf([sampleStream(header, data)]),
        exported: Promise.resolve(),
        signal: cancel.signal,
        onProgress: () => {
          held ??= relay.fallSilent().then(() => cancel.abort());
        },
      });
      await assert.rejects(written, { code: 'CANCELLED_BY_CALLER' });
      await held;
      relay.speak();
      await store.removeLink(header.linkId);
      assert.deepEqual(await leftovers(), []);
    },
  );

  test('so are links that are being folded', limit, async () => {
    const first = sampleHeader({ linkId: newId() });
    const links: LinkManifest[] = [];
    for (const header of [
      first,
      sampleHeader({
        linkId: newId(),
        kind: 'increment',
        chainId: first.chainId,
        parentLinkId: first.linkId,
        depth: 1,
        fullReason: null,
        fromSnapshot: first.toSnapshot,
        toSnapshot: { name: 'second', id: 9 },
      }),
    ]) {
      const stream = streamOf([sampleStream(header, data.slice(links.length * 4))]);
      links.push(await store.writeLink({ header, stream, exported: Promise.resolve() }));
    }
    const cancel = new AbortController();
    let held: Promise<void> | undefined;
    const linkId = newId();
    const folded = store.foldLinks({
      links,
      linkId,
      signal: cancel.signal,
      onProgress: () => {
        held ??= relay.fallSilent().then(() => cancel.abort());
      },
    });
    await assert.rejects(folded, { code: 'CANCELLED_BY_CALLER' });
    await held;
    relay.speak();
    for (const id of [linkId, ...links.map((link) => link.linkId).toReversed()]) await store.removeLink(id);
    assert.deepEqual(await leftovers(), []);
  });

  test('so is a chain that is read', limit, async () => {
    const header = sampleHeader({ linkId: newId() });
    const stream = streamOf([sampleStream(header, data)]);
    const link = await store.writeLink({ header, stream, exported: Promise.resolve() });
    const reads: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => Array.fromAsync(store.openChainStream([link], { signal })),
      (signal) => Array.fromAsync(store.openLinkStream(link, { signal })),
      (signal) => Array.fromAsync(store.readChain([link], [{ offset: 4 * mib, length: mib }], { signal })),
      (signal) => store.inspectLink(link, { signal }),
      (signal) => store.checkLink(link.linkId, { signal }),
    ];
    for (const read of reads) {
      const cancel = new AbortController();
      const held = relay.fallSilent().then(() => cancel.abort());
      await assert.rejects(read(cancel.signal), { code: 'CANCELLED_BY_CALLER' }, read.toString());
      await held;
      relay.speak();
    }
    await store.removeLink(link.linkId);
  });

  test('so is an object in the middle of its bytes', limit, async () => {
    const cancel = new AbortController();
    const key = `links/${newId()}/index.zst`;
    await objects.put(key, randomBytes(8 * mib));
    let held: Promise<void> | undefined;
    const reading = (async () => {
      for await (const chunk of objects.open(key, { signal: cancel.signal })) {
        assert.ok(chunk.length > 0);
        held ??= relay.fallSilent().then(() => cancel.abort());
      }
    })();
    await assert.rejects(reading, { code: 'CANCELLED_BY_CALLER' });
    await held;
    relay.speak();
    await objects.remove(key);
  });

  test('so is an upload in parts', limit, async () => {
    const cancel = new AbortController();
    const folder = `links/${newId()}`;
    let held: Promise<void> | undefined;
    async function* stream(): AsyncGenerator<Buffer> {
      for (let piece = 0; piece < 8; piece += 1) {
        yield randomBytes(4 * mib);
        if ((await bucket.uploads()).length > 0) held ??= relay.fallSilent().then(() => cancel.abort());
      }
    }
    const put = objects.put(`${folder}/index.zst`, stream(), { signal: cancel.signal });
    await assert.rejects(put, { code: 'CANCELLED_BY_CALLER' });
    await held;
    relay.speak();
    await objects.removeFolder(folder);
    assert.deepEqual(await leftovers(), []);
  });
});
