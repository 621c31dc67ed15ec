import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { damageReasons } from '../../src/domain/damage-reasons.ts';
import { findingLines, findingWordCodes, findingWords } from '../../src/domain/finding-words.ts';
import { jobSteps } from '../../src/domain/job-steps.ts';
import { noteCodes, notes } from '../../src/domain/notes.ts';
import { isFinishedJob, jobStates } from '../../src/domain/job.ts';
import { lossCodes, plannedStepCodes } from '../../src/domain/planned-restore.ts';
import { protectionCodes } from '../../src/domain/protection.ts';
import { driftKinds, findingOutcomes, strayKinds } from '../../src/domain/reconciliation.ts';
import { remedies, remedyCodes } from '../../src/domain/remedies.ts';
import { serviceZh } from '../../src/portal/messages/service.zh.ts';
import { fill, sayCode } from '../../src/portal/i18n/service-words.ts';

/** Families whose errors are about what a person did or can do; for the others the page has words of the family. */
const ownWords = /^(?:INPUT|AUTH|FORBIDDEN|NOTFOUND|CONFLICT|LIMIT|OPENSTACK|INTEGRITY|CANCELLED)_/;

/** Of what only the command line, the start of the service and its set-up say. */
const elsewhere =
  /src\/(?:workflows\/(?:offline|keystone)|drivers\/(?:files|catalog\/server)|drivers\/openstack\/(?:cloud|credential|read-cloud))/;
const ofSetUp = new Set([
  'INPUT_CREDENTIALS',
  'INPUT_CLOUDS_FILE',
  'INPUT_UNKNOWN_CLOUD',
  'INPUT_UNKNOWN_PROFILE',
  'INPUT_NO_CLOUD',
  'INPUT_CONFIG',
  'INPUT_DATABASE_URL',
  'INPUT_SEGMENT_SIZE',
  'INPUT_KEY_FILE',
  'INPUT_MASTER_KEY',
  'INPUT_LISTEN',
  'INPUT_SCOPE',
  'CONFLICT_DATABASE_IN_USE',
]);

/** Codes of the errors that the service can send. */
function errorCodes(): string[] {
  const files = globSync('src/{workflows,domain,drivers,entry/api,entry/worker,compose}/**/*.ts');
  const codes = files
    .filter((file) => !file.endsWith('.test.ts') && !elsewhere.test(file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/AppError\(\s*'([A-Z]+_[A-Z_]+)'/g)])
    .map(([, code]) => code!);
  return [...new Set(codes)].filter((code) => ownWords.test(code) && !ofSetUp.has(code));
}

/** Those that have words before the name of something in the cloud; the address of a bucket has none. */
function placesOfFindings(): string[] {
  const files = globSync('src/{workflows/reconcile,drivers/store}/**/*.ts').filter(
    (file) => !file.endsWith('.test.ts'),
  );
  const places = files
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/(?:where: |description = )`([^`$]+) \$\{/g)])
    .map(([, place]) => place!);
  return [...new Set(places)];
}

const named: [string, Readonly<Record<string, string>>, readonly string[]][] = [
  ['step of a plan', serviceZh.planStep, plannedStepCodes],
  ['loss', serviceZh.loss, lossCodes],
  ['step of a job', serviceZh.jobStep, Object.keys(jobSteps)],
  ['note', serviceZh.note, noteCodes],
  ['finding', serviceZh.finding, Object.keys(findingLines)],
  ['word of a finding', serviceZh.findingWord, findingWordCodes],
  ['remedy', serviceZh.remedy, remedyCodes],
  ['damage', serviceZh.damage, Object.keys(damageReasons)],
  ['reason of a protection', serviceZh.protection, protectionCodes],
];

function namesIn(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

describe('what the service says, in Chinese', () => {
  for (const [what, texts, codes] of named) {
    test(`every ${what} has its words, and there are none for what no service says`, () => {
      assert.deepEqual(Object.keys(texts).sort(), [...codes].sort());
    });
  }

  test('every error that the service can send has its words', () => {
    const codes = errorCodes();
    assert.ok(codes.length > 100, `only ${codes.length} codes were found in the sources`);
    assert.deepEqual(
      codes.filter((code) => !Object.hasOwn(serviceZh.error, code)),
      [],
    );
  });

  test('every kind and outcome of a finding, and the ends of a job, have their names', () => {
    const wanted = [
      ...[...strayKinds, ...driftKinds].map((kind) => `kind ${kind}`),
      ...findingOutcomes.map((outcome) => `outcome ${outcome}`),
      ...jobStates.filter(isFinishedJob).map((state) => `state ${state}`),
      ...placesOfFindings().map((place) => `where ${place}`),
    ];
    assert.deepEqual(Object.keys(serviceZh.name).sort(), wanted.sort());
  });

  test('the words are Chinese', () => {
    for (const texts of Object.values(serviceZh) as Record<string, string>[])
      for (const [code, text] of Object.entries(texts)) assert.match(text, /\p{Script=Han}/u, code);
  });

  for (const [what, texts, templates] of [
    ['a step of a job', serviceZh.jobStep, jobSteps],
    ['a note', serviceZh.note, notes],
    ['a finding', serviceZh.finding, findingLines],
    ['a word of a finding', serviceZh.findingWord, findingWords],
    ['a remedy', serviceZh.remedy, remedies],
  ] as const)
    test(`${what} has the parameters of the service’s own template`, () => {
      for (const [code, template] of Object.entries(templates))
        assert.deepEqual(new Set(namesIn(texts[code]!)), new Set(namesIn(template)), code);
    });

  test('a damage has the parameters of the service’s own template, and how many there are', () => {
    for (const [code, template] of Object.entries(damageReasons))
      assert.deepEqual(
        new Set(namesIn(serviceZh.damage[code]!)),
        new Set([...namesIn(template), 'count']),
        code,
      );
  });
});

test('sentences and words within a sentence are told in the same tongue', () => {
  const params = {
    ...{ outcome: 'left', kind: 'snapshot', what: 'volumes/a@s', where: 'cluster ceph' },
    ...{ action: 'remove the snapshot', action_code: 'remove-snapshot', action_params: {} },
    ...{ reason: 'restore r failed', reason_code: 'restore-ended' },
    reason_params: { restore: 'r', state: 'failed' },
  };
  assert.equal(
    sayCode(serviceZh.finding, 'finding-stray', params, serviceZh),
    '保留：集群 ceph 中的快照 volumes/a@s：移除快照；原因：恢复 r 失败',
  );
  assert.equal(
    sayCode(
      serviceZh.jobStep,
      'looked-for',
      { what: 'volumes of restores', what_code: 'marked-volumes' },
      serviceZh,
    ),
    '已检查：恢复创建的云硬盘',
  );
});

test('parts with and without their parameter', () => {
  assert.equal(fill('a[x?, {x}][x!, none]', { x: 'b' }), 'a, b');
  assert.equal(fill('a[x?, {x}][x!, none]', {}), 'a, none');
  assert.equal(fill('{n_bytes}', { n_bytes: 2048 }), '2 KiB');
  assert.equal(sayCode({ known: '{x}' }, 'known', { x: 1 }), '1');
  assert.equal(sayCode({ known: '{x}' }, 'unknown', {}), undefined);
  assert.equal(sayCode({}, 'toString', {}), undefined);
});
