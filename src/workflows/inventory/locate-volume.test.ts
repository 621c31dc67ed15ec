import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Volume } from '../../drivers/openstack/cinder-volume.ts';
import { backendOf, locateVolume } from './locate-volume.ts';

const placement = {
  backends: { fast: { cluster: 'nvme', pool: 'fast-volumes' } },
  volumesPool: { cluster: 'ceph', pool: 'volumes' },
  novaPool: { cluster: 'ceph', pool: 'vms' },
};

function volume(host: string | undefined, imageName = 'volume-1'): Volume {
  return { description: { id: '1', ...(host === undefined ? {} : { host }) }, imageName } as Volume;
}

test('a named backend has its own cluster and pool', () => {
  assert.deepEqual(locateVolume(placement, volume('cloud@fast#fast')), {
    cluster: 'nvme',
    pool: 'fast-volumes',
    image: 'volume-1',
  });
});

test('any other backend has the default pool, and the image is named as Cinder names it', () => {
  assert.deepEqual(locateVolume(placement, volume('cloud@ceph#ceph', 'volume-name-id')), {
    cluster: 'ceph',
    pool: 'volumes',
    image: 'volume-name-id',
  });
});

test('a volume without a host is a clear error', () => {
  assert.throws(() => locateVolume(placement, volume(undefined)), {
    code: 'CONFLICT_VOLUME_HOST',
    message: /role admin/,
  });
});

test('the backend is what stands between @ and #', () => {
  assert.deepEqual(['a@b#c', 'a@b', 'a'].map(backendOf), ['b', 'b', undefined]);
});
