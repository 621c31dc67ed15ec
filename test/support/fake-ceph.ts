import { authorize, notFound, type Caller } from '../../src/domain/access.ts';
import type {
  ClusterPool,
  ImageSummary,
  PoolSummary,
  SnapshotSummary,
} from '../../src/workflows/operations.ts';
import { fixedTime } from './fake-cloud.ts';

/** What the made-up cloud's Ceph holds, for administrators. */
export function fakePools(caller: Caller): PoolSummary[] {
  authorize(caller, 'administer', null, 'the pools');
  return [{ cluster: 'ceph', pool: 'volumes', images: 2, usedBytes: 5 * 2 ** 30, availableBytes: 2 ** 40 }];
}

export function fakeImages(caller: Caller, { cluster, pool }: ClusterPool): ImageSummary[] {
  authorize(caller, 'administer', null, 'the images');
  if (pool !== 'volumes') throw notFound(`pool ${JSON.stringify(pool)}`);
  const image = { cluster, pool, imageId: '1f', sizeBytes: 2 ** 30, snapshots: 1, watchers: 0 };
  return [{ ...image, image: 'a', diskKey: `image:${cluster}/${pool}/a` }];
}

export function fakeSnapshots(caller: Caller, { image }: ClusterPool & { image: string }): SnapshotSummary[] {
  authorize(caller, 'administer', null, 'the snapshots');
  if (image !== 'a') throw notFound(`image ${JSON.stringify(image)}`);
  const snapshot = { id: 4, sizeBytes: 2 ** 30, protected: false };
  return [
    { ...snapshot, name: 'backup.x', createdAt: fixedTime, ours: true },
    { ...snapshot, id: 5, name: 'manual', createdAt: undefined, ours: false },
  ];
}
