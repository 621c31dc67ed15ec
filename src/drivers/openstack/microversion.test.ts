import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareMicroversions,
  microversionHeaders,
  negotiateMicroversion,
  type Microversion,
} from './microversion.ts';
import { namePattern, searchPattern } from './nova.ts';
import { retryAfterMs } from './retry-after.ts';

const version = fc
  .tuple(fc.integer({ min: 2, max: 3 }), fc.integer({ min: 0, max: 120 }))
  .map(([major, minor]): Microversion => `${major}.${minor}`);

test('2.9 comes before 2.10', () => {
  assert.ok(compareMicroversions('2.9', '2.10') < 0);
  assert.ok(compareMicroversions('3.0', '2.99') > 0);
  assert.equal(compareMicroversions('2.88', '2.88'), 0);
});

test('what is negotiated lies in both ranges, or there is none', () => {
  fc.assert(
    fc.property(version, version, version, version, (a, b, c, d) => {
      const sort = (x: Microversion, y: Microversion) =>
        compareMicroversions(x, y) <= 0 ? { min: x, max: y } : { min: y, max: x };
      const ours = sort(a, b);
      const theirs = sort(c, d);
      const inside = (v: Microversion, range: typeof ours) =>
        compareMicroversions(range.min, v) <= 0 && compareMicroversions(v, range.max) <= 0;
      const overlap = inside(ours.min, theirs) || inside(theirs.min, ours);
      try {
        const chosen = negotiateMicroversion({ name: 'compute', ...ours }, theirs, 'http://nova');
        return overlap && inside(chosen, ours) && inside(chosen, theirs);
      } catch {
        return !overlap;
      }
    }),
  );
});

test('Cinder gets one header, Nova both', () => {
  assert.deepEqual(microversionHeaders('volume', '3.70'), { 'OpenStack-API-Version': 'volume 3.70' });
  assert.equal(microversionHeaders('compute', '2.79')['X-OpenStack-Nova-API-Version'], '2.79');
});

test('a name becomes a pattern that matches it, without the power of a regular expression', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (name) => {
      const pattern = namePattern(name);
      return new RegExp(pattern, 'su').test(name) && !/[*+?()[\]{}|\\]/.test(pattern);
    }),
  );
});

test('a part of a name finds it in upper and lower case, without the power of a regular expression', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), (part) => {
      const pattern = searchPattern(part);
      const isFound = (text: string): boolean => new RegExp(pattern, 'su').test(`a-${text}-b`);
      return isFound(part) && isFound(part.toUpperCase()) && !/[*+?(){}|\\^$]/.test(pattern);
    }),
  );
  assert.equal(searchPattern('Web.1'), '[Ww][Ee][Bb].1');
});

test('Retry-After in seconds, as a date against the server clock, or unreadable', () => {
  assert.equal(retryAfterMs('120', undefined), 120_000);
  const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
  assert.equal(retryAfterMs(date, 'Wed, 21 Oct 2015 07:27:30 GMT'), 30_000);
  assert.equal(retryAfterMs(date, 'Wed, 21 Oct 2015 08:00:00 GMT'), 0);
  for (const bad of ['soon', '-5', '1e9']) assert.equal(retryAfterMs(bad, date), undefined);
  assert.equal(retryAfterMs(date, undefined), undefined);
});
