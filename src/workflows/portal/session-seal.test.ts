import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csrfTokenOf, isSameToken, newCookie, seal, sessionIdOf, unseal } from './session-seal.ts';

const content = { unscopedToken: 'gAAAA-secret', scope: { type: 'unscoped' } };

test('what is sealed opens with its cookie', () => {
  const cookie = newCookie();
  assert.equal(cookie.length, 32);
  assert.deepEqual(unseal(cookie, seal(cookie, content)), content);
});

test('I10: the row alone opens nothing: neither with its id as the cookie, nor with another cookie, nor changed', () => {
  const cookie = newCookie();
  const sealed = seal(cookie, content);
  assert.equal(sealed.includes('secret'), false);
  assert.equal(sessionIdOf(cookie).equals(cookie), false);
  for (const other of [sessionIdOf(cookie), newCookie(), Buffer.alloc(32)])
    assert.throws(() => unseal(other, sealed));
  for (const at of [0, 11, 12, sealed.length - 17, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => unseal(cookie, changed), `byte ${at}`);
  }
  for (const length of [0, 5, 20, 28]) assert.throws(() => unseal(cookie, sealed.subarray(0, length)));
});

test('the same content is never sealed to the same bytes', () => {
  const cookie = newCookie();
  assert.equal(seal(cookie, content).equals(seal(cookie, content)), false);
});

test('the CSRF token is of one cookie and one scope, and tells nothing of the cookie', () => {
  const [cookie, other] = [newCookie(), newCookie()];
  const token = csrfTokenOf(cookie, 'project a');
  assert.equal(token, csrfTokenOf(cookie, 'project a'));
  const others = [
    csrfTokenOf(cookie, 'project b'),
    csrfTokenOf(other, 'project a'),
    '',
    cookie.toString('base64url'),
  ];
  for (const wrong of others) assert.equal(isSameToken(wrong, token), false);
  assert.equal(isSameToken(token, token), true);
});
