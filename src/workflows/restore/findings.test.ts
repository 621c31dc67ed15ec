import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { Findings } from './findings.ts';

const gone = new AppError('CONFLICT_DISK_GONE', 'a is gone; restore it with mode volume', {
  details: { a: 1 },
});
const large = new AppError('CONFLICT_DISK_SIZE', 'b is smaller; in fact, by 1 GiB; extend it first');

function settled(findings: Findings): AppError {
  try {
    findings.settle('the restore');
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('nothing was thrown');
}

test('without a problem nothing is thrown, and notes are kept once', () => {
  const findings = new Findings();
  for (const note of ['x', 'x']) findings.note(note);
  findings.settle('the restore');
  assert.deepEqual(findings.notes, ['x']);
});

test('one problem is the error that it would be alone', () => {
  const findings = new Findings();
  findings.refuse(gone, 'volume:a');
  findings.refuse(gone, 'volume:a');
  const { code, message, details } = settled(findings);
  assert.deepEqual([code, message, details['a']], [gone.code, gone.message, 1]);
  const problem = { code, what: 'a is gone', remedy: 'restore it with mode volume', diskKey: 'volume:a' };
  assert.deepEqual(details['problems'], [problem]);
});

test('several are told together, under their common code when they have one', () => {
  const findings = new Findings();
  findings.refuse(gone, 'volume:a');
  findings.refuse(gone, 'volume:b');
  assert.equal(settled(findings).code, 'CONFLICT_DISK_GONE');
  findings.refuse(large);
  const { code, message } = settled(findings);
  assert.equal(code, 'CONFLICT_RESTORE_PLAN');
  assert.match(message, /\(1\) a is gone; restore .*\(3\) b is smaller; in fact, by 1 GiB; extend it first$/);
  assert.equal(findings.problems.at(-1)?.remedy, 'extend it first');
});

test('I8: damage, and what merely failed, is thrown on', async () => {
  const findings = new Findings();
  const answers = new AppError('CONFLICT_OPENSTACK', 'no', { details: { serviceType: 'compute' } });
  for (const error of [
    new AppError('INTEGRITY_CHAIN', 'no'),
    new AppError('CEPH_UNREACHABLE', 'no'),
    answers,
    new Error('no'),
  ]) {
    await assert.rejects(
      findings.attempt(undefined, () => {
        throw error;
      }),
      error,
    );
  }
  const refused = await findings.attempt('volume:a', () => Promise.reject<number>(gone));
  assert.equal(refused, undefined);
  assert.equal(await findings.attempt(undefined, () => 7), 7);
  assert.equal(findings.problems.length, 1);
});
