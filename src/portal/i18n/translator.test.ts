import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adminEn } from '../messages/admin.en.ts';
import { adminZh } from '../messages/admin.zh.ts';
import { en } from '../messages/en.ts';
import { zh } from '../messages/zh.ts';
import { format, translator, type Locale } from './translator.ts';

const pairs: [string, Record<string, string>, Record<string, string>][] = [
  ['the shell and the tenant’s pages', en, zh],
  ['the administrator’s pages', adminEn, adminZh],
];

function parameters(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
}

describe('messages', () => {
  for (const [name, english, chinese] of pairs) {
    test(`${name} are all there in both languages, and none is empty`, () => {
      assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
      for (const [key, text] of Object.entries({ ...english, ...chinese }))
        assert.notEqual(text.trim(), '', key);
    });

    test(`${name} have the same parameters in both languages`, () => {
      for (const [key, text] of Object.entries(english)) {
        // English may say "one" where Chinese has the number.
        if (key.endsWith('.one')) continue;
        assert.deepEqual(parameters(chinese[key]!), parameters(text), key);
      }
    });

    test(`${name} are in Chinese where they are Chinese`, () => {
      const same = Object.entries(english).filter(
        ([key, text]) => chinese[key] === text && /[a-z]{3}/.test(text.replace(/\{\w+\}/g, '')),
      );
      assert.deepEqual(same, []);
    });

    test(`${name} have a text for several wherever they have one for one`, () => {
      for (const key of Object.keys(english).filter((one) => one.endsWith('.one')))
        assert.ok(`${key.slice(0, -4)}.other` in english, key);
    });
  }
});

describe('translator', () => {
  let locale: Locale = 'en';
  const t = translator(
    {
      en: { 'a.one': '{count} point of {name}', 'a.other': '{count} points of {name}', b: 'plain' },
      zh: { 'a.one': '{name}的 {count} 个点', 'a.other': '{name}的 {count} 个点', b: '普通' },
    },
    () => locale,
  );

  test('counts as the language does, and follows the language', () => {
    locale = 'en';
    assert.equal(t.count('a', 1, { name: 'x' }), '1 point of x');
    assert.equal(t.count('a', 12_000, { name: 'x' }), '12,000 points of x');
    locale = 'zh';
    assert.equal(t.count('a', 1, { name: 'x' }), 'x的 1 个点');
    assert.equal(t('b'), '普通');
  });

  test('knows which keys it has', () => {
    assert.equal(t.has('b'), true);
    assert.equal(t.has('constructor'), false);
  });

  test('a parameter that is not given stays visible', () => {
    assert.equal(format('{a} and {b}', { a: 1 }), '1 and {b}');
  });
});
