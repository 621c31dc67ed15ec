/** Renamings, what one that was killed leaves behind, and what hangs on an image. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ImageLocation } from '../../../src/domain/disk.ts';
import { createRbd, type Rbd } from '../../../src/drivers/ceph/rbd.ts';
import { devcloud } from '../../support/devcloud.ts';
import { listImages, rbd as program } from '../../support/rbd-image.ts';

const run = promisify(execFile);
const prefix = `inpl-names-${process.pid}`;

let rbd: Rbd;
let directory: string;

before(async () => {
  directory = await mkdtemp('/tmp/ek-names-');
  const { cephConf, keyring } = devcloud();
  rbd = createRbd([{ name: 'ceph', confPath: cephConf, user: 'admin', keyringPath: keyring }]);
});
after(async () => {
  for (const image of await listImages('backups')) {
    if (!image.startsWith(prefix)) continue;
    await program('snap', 'purge', '--no-progress', `backups/${image}`);
    await program('rm', '--no-progress', `backups/${image}`);
  }
  await rm(directory, { recursive: true });
});

function at(name: string): ImageLocation {
  return { cluster: 'ceph', pool: 'backups', image: `${prefix}-${name}` };
}

async function create(name: string): Promise<string> {
  await rbd.createImage(at(name), {
    sizeBytes: 4096,
    objectSizeBytes: 4 * 1024 * 1024,
    mark: { key: 'k', value: name },
  });
  return (await rbd.showImage(at(name))).imageId;
}

async function rados(...args: string[]): Promise<void> {
  const { cephConf, keyring } = devcloud();
  await run('rados', ['--pool=backups', ...args, '--conf', cephConf, '--keyring', keyring]);
}

/** The object that opens an image by its name. */
async function copyName(from: string, to: string): Promise<void> {
  const file = join(directory, to);
  await rados('get', `rbd_id.${at(from).image}`, file);
  await rados('put', `rbd_id.${at(to).image}`, file);
}

test('an image keeps its id and metadata under another name', async () => {
  const id = await create('a');
  await rbd.renameImage(at('a'), at('b'));
  assert.equal(await rbd.findImage(at('a')), undefined);
  assert.equal((await rbd.showImage(at('b'))).imageId, id);
  assert.equal(await rbd.readImageMark(at('b'), 'k'), 'a');
  await create('c');
  await assert.rejects(rbd.renameImage(at('b'), at('c')), { code: 'CEPH_EXISTS' });
  await assert.rejects(rbd.renameImage(at('gone'), at('d')), { code: 'CEPH_NOT_FOUND' });
});

test('a renaming that was killed before or after the directory changed is ended by the directory', async () => {
  const id = await create('from');
  await copyName('from', 'to');
  assert.equal((await rbd.showImage(at('to'))).imageId, id, 'both names open it');
  await assert.rejects(rbd.renameImage(at('from'), at('to')), { code: 'CEPH_EXISTS' });
  await rbd.settleNames(at('to'), at('from'));
  assert.equal(await rbd.findImage(at('to')), undefined);
  await rbd.renameImage(at('from'), at('to'));
  await copyName('to', 'from');
  await rbd.settleNames(at('to'), at('from'));
  assert.equal(await rbd.findImage(at('from')), undefined);
  assert.equal((await rbd.showImage(at('to'))).imageId, id);
});

test('names of two images, or of one, are left alone', async () => {
  const ids = [await create('one'), await create('two')];
  await rbd.settleNames(at('one'), at('two'));
  await rbd.settleNames(at('one'), at('none'));
  assert.deepEqual([(await rbd.showImage(at('one'))).imageId, (await rbd.showImage(at('two'))).imageId], ids);
});

test('clones, marks and features', async () => {
  await create('parent');
  assert.deepEqual(await rbd.listChildren(at('parent')), []);
  const parent = `backups/${at('parent').image}`;
  await program('snap', 'create', '--no-progress', `${parent}@s`);
  await program('snap', 'protect', `${parent}@s`);
  await program('clone', `${parent}@s`, `backups/${at('child').image}`);
  assert.deepEqual(await rbd.listChildren(at('parent')), [`backups/${at('child').image}`]);
  await program('rm', '--no-progress', `backups/${at('child').image}`);
  await program('snap', 'unprotect', `${parent}@s`);
  await rbd.setImageMark(at('parent'), { key: 'm', value: 'v' });
  assert.equal(await rbd.readImageMark(at('parent'), 'm'), 'v');
  for (let round = 0; round < 2; round++) await rbd.clearImageMark(at('parent'), 'm');
  assert.equal(await rbd.readImageMark(at('parent'), 'm'), undefined);
  await rbd.disableFeatures(at('parent'), ['fast-diff', 'object-map']);
  const { features } = await rbd.showImage(at('parent'));
  assert.ok(features.includes('exclusive-lock') && !features.includes('object-map'));
});
