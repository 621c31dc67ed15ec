import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf, SignInLimits } from './sign-in-limits.ts';

function limitsAt(): { limits: SignInLimits; pass: (seconds: number) => void } {
  let nowMs = Date.parse('2026-11-27T12:00:00Z');
  const clock = { now: () => new Date(nowMs) };
  return { limits: new SignInLimits(clock), pass: (seconds) => (nowMs += seconds * 1000) };
}

const tooMany = { code: 'LIMIT_SIGN_IN' };

test('ten wrong passwords for one user, wherever they come from; then one in 15 s', () => {
  const { limits, pass } = limitsAt();
  for (let i = 0; i < 10; i += 1) limits.take(`10.0.0.${i}`, 'Default/admin');
  for (let i = 0; i < 50; i += 1) assert.throws(() => limits.take(`10.0.1.${i}`, 'Default/admin'), tooMany);
  limits.take('10.0.0.1', 'Default/other');
  pass(15);
  limits.take('10.0.2.1', 'Default/admin');
  assert.throws(() => limits.take('10.0.2.1', 'Default/admin'), {
    ...tooMany,
    details: { retryAfterSeconds: 15 },
  });
});

test('twenty from one address, whoever is guessed at', () => {
  const { limits, pass } = limitsAt();
  for (let i = 0; i < 20; i += 1) limits.take('10.0.0.1', `Default/user-${i}`);
  assert.throws(() => limits.take('10.0.0.1', 'Default/user-20'), tooMany);
  limits.take('10.0.0.2', 'Default/user-20');
  pass(5);
  limits.take('10.0.0.1', 'Default/user-21');
});

test('an attempt that succeeds costs nothing', () => {
  const { limits, pass } = limitsAt();
  for (let i = 0; i < 100; i += 1) {
    const giveBack = limits.take('10.0.0.1', 'Default/admin');
    pass(0.001);
    giveBack();
  }
  for (let i = 0; i < 10; i += 1) limits.take('10.0.0.1', 'Default/admin');
  assert.throws(() => limits.take('10.0.0.1', 'Default/admin'), tooMany);
});

test('an address of IPv6 counts with its /64', () => {
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:DB8:0:0:ffff::2'));
  assert.notEqual(networkOf('2001:db8::1'), networkOf('2001:db8:0:1::1'));
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
});
