import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseBackend, type BackendFacts } from './choose-backend.ts';

const volumes = {
  host: 'cloud@ceph#ceph',
  backendName: 'ceph',
  location: { cluster: 'ceph', pool: 'volumes' },
};
const backups = {
  host: 'cloud@safe#safe',
  backendName: 'safe',
  location: { cluster: 'ceph', pool: 'backups' },
};
const facts: BackendFacts = {
  recorded: { host: 'cloud@ceph#ceph', volumeType: 'fast', encrypted: false },
  backends: [volumes, backups],
  types: [
    { name: 'sealed', backendName: 'safe', encrypted: true },
    { name: 'fast', backendName: 'ceph', encrypted: false },
    { name: 'slow', backendName: 'safe', encrypted: false },
  ],
  backupsPool: { cluster: 'ceph', pool: 'backups' },
};

test('the backend and the type that the volume had', () => {
  assert.deepEqual(chooseBackend(facts), { backend: volumes, volumeType: 'fast', notes: [] });
});

test('another host of the same backend serves the type as well', () => {
  const moved = { ...volumes, host: 'cloud2@ceph#ceph' };
  assert.equal(chooseBackend({ ...facts, backends: [moved, backups] }).backend, moved);
});

test('a type that is gone falls back to the backend over the backups pool, and says so', () => {
  const chosen = chooseBackend({ ...facts, types: facts.types.filter(({ name }) => name !== 'fast') });
  assert.equal(chosen.backend, backups);
  assert.equal(chosen.volumeType, 'slow');
  assert.match(chosen.notes[0] ?? '', /type fast .* cannot be had/);
});

test('a type that encrypts since then is not taken', () => {
  const types = facts.types.map((type) => ({ ...type, encrypted: type.name !== 'slow' }));
  assert.equal(chooseBackend({ ...facts, types }).volumeType, 'slow');
  assert.throws(
    () => chooseBackend({ ...facts, types: types.map((type) => ({ ...type, encrypted: true })) }),
    { code: 'CONFLICT_NO_BACKEND' },
  );
});

test('an encrypted volume gets its own type or none', () => {
  const recorded = { host: 'cloud@safe#safe', volumeType: 'sealed', encrypted: true };
  assert.equal(chooseBackend({ ...facts, recorded }).volumeType, 'sealed');
  for (const wrong of [
    { ...recorded, volumeType: 'fast' },
    { ...recorded, volumeType: 'gone' },
  ])
    assert.throws(() => chooseBackend({ ...facts, recorded: wrong }), {
      code: 'CONFLICT_NO_BACKEND',
      message: /encrypted, and another type could not read it/,
    });
});

test('a backend that is down falls back too', () => {
  assert.equal(chooseBackend({ ...facts, backends: [backups] }).backend, backups);
});

test('a backend on another cluster cannot take the image over', () => {
  const far = { ...volumes, location: { cluster: 'other', pool: 'volumes' } };
  assert.equal(chooseBackend({ ...facts, backends: [far, backups] }).backend, backups);
});

test('backends that are up on a Ceph that nobody knows are named as the reason', () => {
  const strangers = [volumes, backups].map((backend) => ({ ...backend, location: undefined }));
  for (const encrypted of [false, true])
    assert.throws(
      () => chooseBackend({ ...facts, recorded: { ...facts.recorded, encrypted }, backends: strangers }),
      {
        code: 'CONFLICT_NO_BACKEND',
        message: /cloud@ceph#ceph, cloud@safe#safe are up, but on a Ceph with another fsid .* mode image/,
      },
    );
});

test('nothing that could take it over is a clear error', () => {
  assert.throws(() => chooseBackend({ ...facts, backends: [] }), {
    code: 'CONFLICT_NO_BACKEND',
    message: /mode image/,
  });
});
