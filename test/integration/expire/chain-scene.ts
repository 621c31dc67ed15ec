/** A small image with a chain of points on the real cloud, and what must hold of whatever is left of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WireExpiration } from '../../../src/entry/cli/expire-view.ts';
import type { WireJob } from '../../../src/entry/cli/wire.ts';
import type { LinkManifest } from '../../../src/domain/manifest.ts';
import { collectRecords } from '../../../src/domain/rbd-diff/read.ts';
import { changeImage, imageSha256, listSnapshots, removeImage } from '../../support/rbd-image.ts';
import type { ScratchCloud } from '../../support/scratch-cloud.ts';
import { succeeded, type TestService } from '../../support/service.ts';

export const mib = 1024 * 1024;
export const imageBytes = 8 * mib;

export interface Taken {
  pointId: string;
  linkId: string;
  kind: 'full' | 'increment';
  sha256: string;
}

export class ChainScene {
  readonly spec: string;
  /** Oldest first; those that a test deleted are taken out by it. */
  points: Taken[] = [];
  readonly #service: TestService;
  #seed = 1;

  private constructor(service: TestService, spec: string) {
    this.#service = service;
    this.spec = spec;
  }

  /** A full and so many increments. */
  static async make(service: TestService, scratch: ScratchCloud, increments: number): Promise<ChainScene> {
    const scene = new ChainScene(service, await scratch.image('volumes', imageBytes));
    for (let index = 0; index <= increments; index += 1) await scene.takePoint();
    return scene;
  }

  get diskKey(): string {
    return `image:ceph/${this.spec}`;
  }

  /** Writes here and there, also over what is older, discards a part, and backs up. */
  async takePoint(): Promise<Taken> {
    const seed = this.#seed;
    this.#seed += 1;
    const at = (number: number): number => ((seed * number) % 28) * 256 * 1024;
    await changeImage(this.spec, [
      { kind: 'write', offset: at(5), length: 700_000, seed },
      { kind: 'write', offset: at(11) + 4096, length: 300_000, seed: seed + 1000 },
      { kind: 'discard', offset: at(17), length: 512 * 1024 },
    ]);
    const { result } = await this.#service.backup({ image: this.spec });
    const [disk] = result.disks;
    const [snapshot, ...others] = await listSnapshots(this.spec);
    assert.ok(disk && snapshot);
    assert.deepEqual(others, [], 'I4: one snapshot');
    const sha256 = await imageSha256(`${this.spec}@${snapshot.name}`);
    const taken = { pointId: result.point_id, linkId: disk.link_id, kind: disk.kind, sha256 };
    this.points.push(taken);
    return taken;
  }

  /** Deletes points by their places in `points`, and waits. */
  async delete(...places: number[]): Promise<WireJob> {
    const going = places.map((place) => this.points.at(place)?.pointId ?? '');
    const job = succeeded(await this.expire({ points: going }));
    this.points = this.points.filter(({ pointId }) => !going.includes(pointId));
    return job;
  }

  async expire(body: Record<string, unknown>): Promise<WireJob> {
    const { expirations } = await this.#service.call<{ expirations: WireExpiration[] }>(
      'POST',
      '/v1/expirations',
      body,
    );
    const jobs = expirations.flatMap(({ job }) => (job === null ? [] : [job]));
    assert.equal(jobs.length, 1);
    return await this.#service.ended(jobs[0]?.id ?? '');
  }

  /** Every remaining point has its bytes; store and catalog name the same, and nothing else is there. */
  async check(): Promise<void> {
    await this.#checkNames();
    for (const { pointId, sha256 } of this.points) {
      const point = await (await this.#service.drivers.stores.open()).readPoint(pointId);
      const chain = await this.#chainInStore(point?.disks[0]?.linkId ?? '');
      assert.equal(await this.#hashOf(chain), sha256, `point ${pointId} in the store`);
    }
  }

  /** The same, and brought back onto the cloud. */
  async checkRestored(): Promise<void> {
    await this.check();
    for (const { pointId, sha256 } of this.points) {
      const { result } = await this.#service.restore({ point: { id: pointId }, mode: 'image' });
      const image = result.disks[0]?.image ?? '';
      const restored = await imageSha256(image);
      await removeImage(image);
      assert.equal(restored, sha256, `point ${pointId}`);
    }
  }

  async #checkNames(): Promise<void> {
    const { catalog, stores } = this.#service.drivers;
    const store = await stores.open();
    const rows = await catalog.points.list({ sourceId: `ceph/${this.spec}` });
    assert.deepEqual(rows.map(({ id }) => id).sort(), this.points.map(({ pointId }) => pointId).sort());
    const needed: string[] = [];
    for (const { id, manifest } of rows) {
      assert.deepEqual(await store.readPoint(id), manifest, 'store and catalog say the same of a point');
      const chain = await this.#chainInStore(manifest.disks[0]?.linkId ?? '');
      const known = await catalog.links.chainOf(chain.at(-1)?.linkId ?? '');
      assert.deepEqual(
        chain,
        known.map((link) => link.manifest),
        'store and catalog say the same of its chain',
      );
      needed.push(...chain.map(({ linkId }) => linkId));
    }
    const links = await catalog.expiry.linksOf([this.diskKey]);
    assert.deepEqual(links.map(({ id }) => id).sort(), [...new Set(needed)].sort(), 'links of the catalog');
    assert.equal(links.length, this.points.length, 'one link for each point');
  }

  async #hashOf(chain: readonly LinkManifest[]): Promise<string> {
    const disk = Buffer.alloc(imageBytes);
    for (const link of chain) {
      for (const record of await collectRecords(
        (await this.#service.drivers.stores.open()).openLinkStream(link),
      )) {
        if (record.type === 'write') record.data.copy(disk, record.offset);
        if (record.type === 'zero') disk.fill(0, record.offset, record.offset + record.length);
      }
    }
    return createHash('sha256').update(disk).digest('hex');
  }

  /** By the manifests alone, as after a loss of the catalog. */
  async #chainInStore(linkId: string): Promise<LinkManifest[]> {
    const manifest = await (await this.#service.drivers.stores.open()).checkLink(linkId);
    return manifest.parentLinkId === null
      ? [manifest]
      : [...(await this.#chainInStore(manifest.parentLinkId)), manifest];
  }
}

/** The store holds exactly these scenes: no stray link, point or half-written file. */
export async function checkStore(service: TestService, scenes: readonly ChainScene[]): Promise<void> {
  const { stores, catalog } = service.drivers;
  const store = await stores.open();
  const points = scenes.flatMap((scene) => scene.points.map(({ pointId }) => pointId));
  assert.deepEqual(await Array.fromAsync(store.listPointIds()), points.toSorted());
  const links = await catalog.expiry.linksOf(scenes.map(({ diskKey }) => diskKey));
  assert.deepEqual(
    await Array.fromAsync(store.listLinks()),
    links
      .map(({ id }) => id)
      .toSorted()
      .map((linkId) => ({ linkId, complete: true })),
  );
  assert.deepEqual(
    (await storeFiles(service)).filter((name) => name.includes('.part')),
    [],
  );
}

/** Names, sizes and times of all files of the store. */
export async function storeFiles({ config }: TestService): Promise<string[]> {
  const names = (await readdir(config.storeDirectory, { recursive: true })).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(config.storeDirectory, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}
