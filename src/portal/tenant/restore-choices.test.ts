import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Disk } from '../api/types.ts';
import { eligibleDisks, modesFor, requestOf, type RestoreChoices } from './restore-choices.ts';

function disk(key: string, kind: Disk['kind'], isRoot: boolean): Disk {
  const attachment = {
    instance_id: 'i',
    device: null,
    tag: null,
    delete_on_termination: false,
    is_root: isRoot,
    boot_index: null,
  };
  return { key, kind, cluster: 'ceph', pool: 'p', image: key, size_bytes: 1, volume: null, attachment };
}

const root = disk('volume:root', 'volume', true);
const data = disk('volume:data', 'volume', false);
const logs = disk('volume:logs', 'volume', false);
const own = disk('nova:x_disk', 'nova-disk', true);
const point = { id: 'p', disks: [root, data, logs] };
const all = point.disks.map(({ key }) => key);
const choices: RestoreChoices = { mode: 'in-place', disks: all, name: '', flavor: '', networks: '' };

describe('eligibleDisks', () => {
  test('a root disk and a disk of Nova’s own are never replaced', () => {
    assert.deepEqual(eligibleDisks([root, data, own], 'replace'), [data]);
    assert.deepEqual(eligibleDisks([root, data, own], 'in-place'), [root, data, own]);
  });
});

describe('requestOf', () => {
  test('all disks that the mode can restore are asked for as such', () => {
    assert.deepEqual(requestOf(point, choices), { point: { id: 'p' }, mode: 'in-place', disks: [] });
    assert.deepEqual(requestOf(point, { ...choices, mode: 'replace' })?.disks, []);
  });

  test('some are asked for by their keys, and others never', () => {
    const some = { ...choices, mode: 'replace' as const, disks: ['volume:root', 'volume:data'] };
    assert.deepEqual(requestOf(point, some)?.disks, ['volume:data']);
  });

  test('no disk is no request: it would mean all of them', () => {
    assert.equal(requestOf(point, { ...choices, disks: [] }), undefined);
    assert.equal(requestOf(point, { ...choices, mode: 'replace', disks: ['volume:root'] }), undefined);
  });

  test('what the mode does not take is not sent', () => {
    const named = { ...choices, name: ' again ', flavor: 'm1', networks: 'blue, green' };
    assert.deepEqual(Object.keys(requestOf(point, named) ?? {}), ['point', 'mode', 'disks']);
    assert.deepEqual(requestOf(point, { ...named, mode: 'instance' }), {
      point: { id: 'p' },
      mode: 'instance',
      disks: [],
      name: 'again',
      instance: { flavor: 'm1', networks: ['blue', 'green'] },
    });
  });

  test('no network at all is an empty list, as recorded is no list', () => {
    const anew = { ...choices, mode: 'instance' as const };
    assert.deepEqual(requestOf(point, { ...anew, networks: 'none' })?.instance, { networks: [] });
    assert.equal(requestOf(point, anew)?.instance, undefined);
  });
});

test('bare images are offered to administrators only', () => {
  assert.deepEqual(modesFor({ kind: 'instance' }, false), ['volume', 'replace', 'in-place', 'instance']);
  assert.deepEqual(modesFor({ kind: 'volume' }, true), ['volume', 'in-place', 'image']);
});
