import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameOrigin } from './same-origin.ts';

const own = 'https://backup.example.org';

test('who may change something: what the browser says of the page that asks', () => {
  const cases: [string | undefined, string | undefined, boolean][] = [
    [own, undefined, true],
    [own, 'same-origin', true],
    // A proxy that rewrote Host: the browser itself knows.
    ['https://elsewhere.example.org', 'same-origin', true],
    [undefined, 'same-origin', true],
    [own, 'same-site', false],
    [own, 'cross-site', false],
    [own, 'none', false],
    ['https://evil.example', undefined, false],
    ['https://backup.example.org.evil.example', undefined, false],
    ['http://backup.example.org', undefined, false],
    ['https://backup.example.org:8443', undefined, false],
    ['null', undefined, false],
    ['', undefined, false],
    [undefined, undefined, false],
  ];
  for (const [origin, fetchSite, expected] of cases)
    assert.equal(isSameOrigin({ origin, fetchSite }, own), expected, `${origin ?? '-'} ${fetchSite ?? '-'}`);
});
