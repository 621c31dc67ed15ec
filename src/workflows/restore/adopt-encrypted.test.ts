import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageLocation } from '../../domain/disk.ts';
import type { MigrationState } from '../../drivers/ceph/migration.ts';
import { adoptEncrypted, type AdoptOptions } from './adopt-encrypted.ts';
import type { RestoreDiskPlan, VolumePlan } from './plan.ts';

type Deps = Parameters<typeof adoptEncrypted>[0];

class Killed extends Error {}

const at = (pool: string, image: string): ImageLocation => ({ cluster: 'ceph', pool, image });
const fresh = at('backups', 'restore-r-0');
const planned = {
  projectId: 'p',
  name: 'n',
  sizeGib: 1,
  volumeType: 't',
  cinderHost: 'h',
  location: at('volumes', 'restore-r-0'),
  bootable: true,
  encryptionKeyId: 'key',
  metadata: {},
  imageMetadata: {},
  moved: false,
} satisfies VolumePlan;

/** A cloud in which the worker can die before any change. */
class Cloud {
  readonly images = new Map([['backups/restore-r-0', 'restored']]);
  volumeKey = 'key';
  made: string | undefined;
  isBootable = false;
  migration: MigrationState = 'none';
  plan: VolumePlan = planned;
  steps = 0;
  dieAt = Number.POSITIVE_INFINITY;

  async #step(change: () => void): Promise<void> {
    await Promise.resolve();
    this.steps += 1;
    if (this.steps === this.dieAt) throw new Killed();
    change();
  }

  get deps(): Deps {
    const nameOf = ({ pool, image }: ImageLocation): string => `${pool}/${image}`;
    const move = (from: ImageLocation, to: ImageLocation): Promise<void> =>
      this.#step(() => {
        assert.ok(!this.images.has(nameOf(to)), `${nameOf(to)} is free`);
        this.images.set(nameOf(to), this.images.get(nameOf(from)) ?? 'none');
        this.images.delete(nameOf(from));
      });
    const rbd = {
      findImage: (image: ImageLocation) => {
        const imageId = this.images.get(nameOf(image));
        return Promise.resolve(imageId === undefined ? undefined : { imageId });
      },
      showImage: () => Promise.resolve({ sizeBytes: 2 ** 30 + 2 ** 21 }),
      listSnapshots: () => Promise.resolve([]),
      listWatchers: () => Promise.resolve([]),
      removeImage: (image: ImageLocation) => this.#step(() => void this.images.delete(nameOf(image))),
      renameImage: move,
      prepareMigration: async (from: ImageLocation, to: ImageLocation) => {
        await move(from, to);
        this.migration = 'prepared';
      },
      executeMigration: () => this.#step(() => (this.migration = 'executed')),
      commitMigration: () => this.#step(() => (this.migration = 'none')),
      migrationState: () => Promise.resolve(this.migration),
    };
    const cloud = {
      findVolumeByMark: () => Promise.resolve(this.made),
      createVolume: async ({ metadata }: VolumePlan) => {
        assert.equal(metadata['emberkeep_restore'], 'r:restore-r-0');
        await this.#step(() => {
          this.made = 'v';
          this.images.set('volumes/volume-v', 'empty');
        });
        return 'v';
      },
      volumeNow: () =>
        Promise.resolve({ location: at('volumes', 'volume-v'), encryptionKeyId: this.volumeKey }),
      setBootable: () => this.#step(() => (this.isBootable = true)),
      setImageMetadata: () => Promise.resolve(),
    };
    return { rbd, cloud } as unknown as Deps;
  }

  get options(): AdoptOptions {
    return {
      restoreId: 'r',
      plan: { fresh } as RestoreDiskPlan,
      volume: this.plan,
      signal: new AbortController().signal,
      record: (volume) => this.#step(() => (this.plan = volume)),
    };
  }
}

test('I9: the image takes the place of the one that Cinder made, killed between any two steps', async () => {
  for (let dieAt = 1, killed = true; killed; dieAt++) {
    const cloud = new Cloud();
    cloud.dieAt = dieAt;
    killed = await adoptEncrypted(cloud.deps, cloud.options).then(
      () => false,
      (error: unknown) => {
        assert.ok(error instanceof Killed);
        return true;
      },
    );
    cloud.dieAt = Number.POSITIVE_INFINITY;
    assert.equal(await adoptEncrypted(cloud.deps, cloud.options), 'v');
    assert.deepEqual([...cloud.images], [['volumes/volume-v', 'restored']], `killed at ${dieAt}`);
    assert.deepEqual([cloud.plan.newVolumeId, cloud.isBootable, cloud.migration], ['v', true, 'none']);
    assert.deepEqual(cloud.plan.location, planned.location);
  }
});

test('a volume with another key is refused before anything takes its place', async () => {
  const cloud = new Cloud();
  cloud.volumeKey = 'another';
  await assert.rejects(adoptEncrypted(cloud.deps, cloud.options), { code: 'CONFLICT_DISK_KEY' });
  assert.equal(cloud.images.get('volumes/volume-v'), 'empty');
});
