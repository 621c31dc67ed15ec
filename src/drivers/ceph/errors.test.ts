import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { commandError, isImageMissing, stderrSummary, type FailedCommand } from './errors.ts';

const failed: FailedCommand = {
  cluster: {
    name: 'ceph',
    confPath: '/etc/ceph/ceph.conf',
    user: 'emberkeep',
    keyringPath: '/etc/ceph/keyring',
  },
  program: 'rbd',
  args: ['info', 'volumes/volume-1'],
  exitCode: 1,
  signal: undefined,
  stderr: '',
};

const { ENOENT, EEXIST, EBUSY, EACCES, ENOSPC, ETIMEDOUT, ENOTEMPTY } = constants.errno;
const codes: [number, string][] = [
  [ENOENT, 'CEPH_NOT_FOUND'],
  [EEXIST, 'CEPH_EXISTS'],
  [EBUSY, 'CEPH_BUSY'],
  [EACCES, 'CEPH_NO_PERMISSION'],
  [ENOSPC, 'CEPH_FULL'],
  [ETIMEDOUT, 'CEPH_UNREACHABLE'],
  [ENOTEMPTY, 'CEPH_NOT_EMPTY'],
  [99, 'CEPH_COMMAND_FAILED'],
];
for (const [exitCode, code] of codes) {
  test(`exit code ${exitCode} is ${code}`, () => {
    const error = commandError({ ...failed, exitCode });
    assert.equal(error.code, code);
    assert.match(error.message, /^rbd info volumes\/volume-1 on cluster ceph: .*exit code/);
  });
}

test('whether a pool or an image is missing is known where rbd says it', () => {
  // Ceph 16.2.15, `rbd info` and `rbd snap ls`, each with exit code 2.
  const sayings: [string, boolean][] = [
    ['rbd: error opening image volume-1: (2) No such file or directory', true],
    ["rbd: error opening pool 'volumes': (2) No such file or directory", false],
    ["rbd: error opening pool 'error opening image': (2) No such file or directory", false],
    ['error setting snapshot context: (2) No such file or directory', false],
  ];
  for (const [stderr, isMissing] of sayings)
    assert.equal(isImageMissing(commandError({ ...failed, exitCode: ENOENT, stderr })), isMissing, stderr);
});

test('a signal is told instead of an exit code', () => {
  const error = commandError({ ...failed, exitCode: undefined, signal: 'SIGKILL' });
  assert.match(error.message, /signal SIGKILL/);
});

test('what is worth trying again is marked so', () => {
  assert.equal(commandError({ ...failed, exitCode: EBUSY }).retryable, true);
  assert.equal(commandError({ ...failed, exitCode: ENOENT }).retryable, false);
});

test('a keyring or configuration that cannot be read is told as such, whatever the exit code', () => {
  const keyring =
    'auth: unable to find a keyring on /etc/ceph/ceph.client.emberkeep.keyring: (2) No such file';
  assert.equal(commandError({ ...failed, exitCode: ENOENT, stderr: keyring }).code, 'CEPH_NO_KEYRING');
  const conf = 'global_init: unable to open config file from search list /no/such.conf';
  assert.equal(commandError({ ...failed, stderr: conf }).code, 'CEPH_NO_CONFIG');
});

test('an image that cannot be removed for lack of room is not one that is gone', () => {
  // Ceph 16.2.15, `rbd rm` in a pool whose quota is used up: exit code 2.
  const stderr =
    '2026-11-27T20:53:27.374+0000 7f04149c56c0 -1 librbd::trash::MoveRequest: 0x7f04040019d0 handle_trash_add: failed to add image to trash: (122) Disk quota exceeded\nrbd: delete error: (2) No such file or directory\n';
  assert.equal(commandError({ ...failed, exitCode: ENOENT, stderr }).code, 'CEPH_FULL');
});

test('stderr loses the prefixes of librados and repeated lines', () => {
  const line = '2026-11-22T17:01:02.123+0000 7f1b2c3d4e5f -1 librbd: image is busy';
  assert.equal(
    stderrSummary(`${line}\n${line}\n\nrbd: error: image still has watchers\n`),
    'librbd: image is busy; rbd: error: image still has watchers',
  );
});
