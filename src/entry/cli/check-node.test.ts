import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkNode } from './check-node.ts';

test('an older Node.js is refused in words, the least and any newer one will do', () => {
  for (const version of ['20.20.2', '22.17.9', '18.0.0'])
    assert.match(
      checkNode('>=22.18', version) ?? '',
      new RegExp(`needs Node.js 22.18 or newer, and this is ${version}`),
    );
  for (const version of ['22.18.0', '22.19.1', '23.0.0', '24.11.0'])
    assert.equal(checkNode('>=22.18', version), undefined, version);
});

test('package.json says it in the form that is read', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  assert.match(engines.node, /^>=\d+\.\d+$/);
  assert.equal(checkNode(engines.node, process.versions.node), undefined);
});
