import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { damageReasonOf } from './damage-reasons.ts';
import { noteOf, notes, type NoteCode } from './notes.ts';
import { remedies, remedyOf } from './remedies.ts';
import { recognizer } from './said-text.ts';

/** Texts of the sources, with something in the places where values stand. */
interface Found {
  file: string;
  text: string;
}

/** One literal behind another, as prettier breaks them: `'...' + '...'`. */
const literal = String.raw`(?:\`(?:[^\`\\]|\\.)*\`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`;
const literals = String.raw`${literal}(?:\s*\+\s*${literal})*`;

function textsBehind(call: string, pattern: string): Found[] {
  const files = globSync(pattern).filter((file) => !file.endsWith('.test.ts'));
  const calls = new RegExp(`${call}\\s*(${literals})`, 'g');
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(calls)].flatMap(([, source = '']) =>
      variantsOf(valueOf(source)).map((text) => ({ file, text })),
    ),
  );
}

function valueOf(source: string): string {
  const parts = [...source.matchAll(new RegExp(literal, 'g'))].map(([part]) => part.slice(1, -1));
  return parts.join('').replace(/\\([`'"\\])/g, '$1');
}

/** A template with what may stand in it: each side of a choice between texts, and something for the rest. */
function variantsOf(template: string): string[] {
  const choice = /\$\{[^{}]*\? '([^']*)' : '([^']*)'\}/.exec(template);
  if (choice !== null)
    return [choice[1]!, choice[2]!].flatMap((side) => variantsOf(template.replace(choice[0], side)));
  return [template.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, 'this one')];
}

function unknownOf(found: readonly Found[], known: (text: string) => unknown): Found[] {
  return found.filter(({ text }) => known(text) === undefined);
}

test('every note of a plan or job has a code', () => {
  const found = ['backup', 'restore', 'expire', 'verify', 'rebuild', 'reconcile'].flatMap((folder) =>
    textsBehind(String.raw`\b(?:note|report\.tell|onProblem)\(`, `src/workflows/${folder}/**/*.ts`),
  );
  assert.ok(found.length >= 25, `only ${found.length} notes were found in the sources`);
  const unknown = unknownOf(found, noteOf).map(({ text }) => text);
  // Put together of more than a literal: as they come out, they are below.
  const composed =
    /^(?:this one: this one|flavor this one \(|this one is damaged|this one could not be verified|link this one this one: a deletion)/;
  assert.deepEqual(
    unknown.filter((text) => !composed.test(text)),
    [],
  );
});

test('notes that are put together have theirs', () => {
  const point = 'web-01 of 2026-11-22T12:00:00.000Z (point 6ee1)';
  const examples: [string, NoteCode][] = [
    [
      'volume:v: waiting for room: pool "backups" is full; without any it is given up in 1 h',
      'waits-for-room',
    ],
    ['flavor m1 (1 vCPU) is gone or changed; m2 is used', 'flavor-replaced'],
    ['flavor m1 (1 vCPU) is gone or changed; m2 is used: 2 vCPUs', 'flavor-replaced-differs'],
    [`${point} is damaged: Segment 1 of link l is damaged: it is missing.`, 'point-damaged'],
    [`${point} could not be verified: the key is missing`, 'point-unverified'],
    ['volume:v: increment, 1 MiB of data, 5 KiB stored', 'increment'],
    ['volume:v: full, 1 MiB of data, 5 KiB stored', 'full'],
    ['volume:v: full (a full was asked for), 1 MiB of data, 5 KiB stored', 'full-requested'],
    ['volume:v: full (Link l is not there), 1 MiB of data, 5 KiB stored', 'full-other'],
    ['its type fast on host@ceph cannot be had; the volume is of type slow instead', 'volume-type-replaced'],
    ['volume v was not attached any more; nothing was detached', 'not-attached'],
    ["it was extended since and keeps its size, 5 bytes: zeros follow the point's", 'extended'],
    ['it is written back into its own image, on which there is snapshot s', 'own-image'],
    ['it is attached to i too: all of its instances are off meanwhile', 'attached-too'],
    ['link l has no manifest: a deletion or a backup that runs or did not end left it', 'rebuild-unfinished'],
    [
      'link l belongs to no point that is there: a deletion or a backup that runs or did not end left it',
      'rebuild-unneeded',
    ],
    ['link l is left out: Link l is not in store s.', 'rebuild-link-unreadable'],
    ['volumes of restores could not be looked for: Cinder is away', 'not-looked-for'],
    ['web was paused already and stays so', 'paused-already'],
    ['web is SHUTOFF, so it was not paused: the point is crash consistent', 'not-running'],
    ['web was paused for 31 ms', 'paused'],
    [
      'web could not be paused, Nova is busy with it or its host refused: the point is crash consistent',
      'not-paused',
    ],
    [
      'web ran again after 5 s, before all snapshots were taken: the point is crash consistent',
      'pause-too-long',
    ],
    [
      'web was unpaused by somebody else before all snapshots were taken: the point is crash consistent',
      'pause-broken',
    ],
    ['volume v is kept: it is in-use', 'volume-kept'],
    ['volumes/a is left over: it is open', 'image-left-over'],
    ['snapshots of this restore on volumes/a are left over: it is open', 'snapshots-left-over'],
    [
      'instance i could not be given back as it was: no; start it by hand: openstack server start i',
      'instance-not-released',
    ],
  ];
  for (const [text, code] of examples) assert.equal(noteOf(text)?.code, code, text);
});

test('every remedy of what stands against a restore has a code', () => {
  const refusals = textsBehind(
    String.raw`AppError\(\s*'(?:INPUT|CONFLICT|LIMIT)_\w+',`,
    'src/workflows/restore/{instance/,}*.ts',
  ).flatMap(({ file, text }) => {
    const at = text.lastIndexOf('; ');
    return at < 0 ? [] : [{ file, text: text.slice(at + 2) }];
  });
  // What a run says when its way back fails, or what is a value itself, stands against no plan.
  const ofPlans = refusals.filter(
    ({ text }) => !/^(?:this one|undoing it failed|attach it by hand)/.test(text),
  );
  const problems = textsBehind(
    String.raw`findings\.problem\(\s*${literals},`,
    'src/workflows/restore/**/*.ts',
  );
  assert.ok(ofPlans.length >= 12 && problems.length >= 6, `only ${ofPlans.length} and ${problems.length}`);
  assert.deepEqual(unknownOf([...ofPlans, ...problems], remedyOf), []);
});

test('every damage that a verification can find has a code', () => {
  const found = [
    'src/drivers/store/{link-reader,chain-reader,checked-headers,sealing-keys,backup-store}.ts',
    'src/workflows/verify/*.ts',
    'src/workflows/import-chain.ts',
    'src/domain/{manifest-codec,rbd-diff/diff-parser,link-index/decode}.ts',
    'src/drivers/catalog/links.ts',
  ].flatMap((pattern) => textsBehind(String.raw`AppError\(\s*'INTEGRITY_\w+',`, pattern));
  assert.ok(found.length >= 14, `only ${found.length} were found in the sources`);
  assert.deepEqual(unknownOf(found, damageReasonOf), []);
});

test('a text is told with what stands in it, whatever characters that has', () => {
  assert.deepEqual(
    noteOf('volume:6e (/dev/vdb): full (the chain is 3 days old), 1 MiB of data, 5 KiB stored'),
    {
      code: 'full-cycle-age',
      params: { disk: 'volume:6e (/dev/vdb)', days: '3', data: '1 MiB', stored: '5 KiB' },
    },
  );
  assert.deepEqual(damageReasonOf('Segment 3 of link l-1 is damaged: it is missing. (7 damages in all)'), {
    code: 'segment-missing',
    params: { number: '3', link: 'l-1', count: '7' },
  });
  const [name, again] = ['a (b). $& {c}', 'two\nlines'];
  assert.deepEqual(recognizer({ x: 'a {name} (and more) {again}.' })(`a ${name} (and more) ${again}.`), {
    code: 'x',
    params: { name, again },
  });
  assert.equal(noteOf('something that a later version says'), undefined);
  assert.equal(remedyOf(''), undefined);
});

test('each template finds itself', () => {
  for (const [code, template] of Object.entries(notes))
    assert.equal(noteOf(template.replace(/\{\w+\}/g, 'a thing'))?.code, code);
  for (const [code, template] of Object.entries(remedies))
    assert.equal(remedyOf(template.replace(/\{\w+\}/g, 'a thing'))?.code, code);
});

test('a text of any length is not searched for long', () => {
  assert.equal(noteOf('security group x is gone')?.code, 'security-group-gone');
  assert.equal(noteOf(`security group ${'x'.repeat(2000)} is gone`), undefined);
});
