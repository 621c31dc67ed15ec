import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findingLineOf, findingWordOf, findingWords } from './finding-words.ts';

/** Literals behind these keys, with something in the places where values stand; both sides of a choice. */
const words =
  /\b(?:action|reason|advice|name):(?:\s*\w+\(?\w*\)?\s*\?)?\s*(['`])((?:(?!\1)[^\\])+)\1(?:\s*:\s*(['`])((?:(?!\3)[^\\])+)\3)?/g;

function wordsOfSources(): string[] {
  const files = globSync('src/workflows/reconcile/{finders,drift}/*.ts').filter(
    (file) => !file.endsWith('.test.ts'),
  );
  return files
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(words)])
    .flatMap(([, , one, , other]) => [one, other])
    .filter((text) => text !== undefined)
    .map((text) => text.replace(/\$\{[^}]*\}/g, 'this one'));
}

test('all that a reconciliation does, why, and what it looks for has a code', () => {
  const found = wordsOfSources();
  assert.ok(found.length >= 30, `only ${found.length} were found in the sources: ${found.join('\n')}`);
  assert.deepEqual(
    found.filter((text) => findingWordOf(text) === undefined),
    [],
  );
});

test('each template finds itself', () => {
  for (const [code, template] of Object.entries(findingWords))
    assert.equal(findingWordOf(template.replace(/\{\w+\}/g, 'a thing'))?.code, code);
});

test('a finding in a log is told with its parts, whatever characters its place has', () => {
  const line =
    'snapshot volumes/a (b): c@s in cluster ceph, pool volumes: remove the snapshot, since the undo of restore r is over';
  const params = {
    kind: 'snapshot',
    what: 'volumes/a (b): c@s',
    where: 'cluster ceph, pool volumes',
    action: 'remove the snapshot',
    reason: 'the undo of restore r is over',
  };
  assert.deepEqual(findingLineOf(`found: ${line}`), {
    code: 'finding-stray',
    params: { outcome: 'found', ...params },
  });
  assert.deepEqual(findingLineOf(`left: ${line} (another job works on it)`), {
    code: 'finding-stray-note',
    params: { outcome: 'left', ...params, note: 'another job works on it' },
  });
  assert.deepEqual(
    findingLineOf('link-missing: links/l in store s: somebody removed it; the next backup of d is a full'),
    {
      code: 'finding-drift',
      params: {
        kind: 'link-missing',
        what: 'links/l',
        where: 'store s',
        reason: 'somebody removed it; the next backup of d is a full',
      },
    },
  );
  assert.equal(findingLineOf('volume made for a disk'), undefined);
});
