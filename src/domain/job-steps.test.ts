import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jobStepOf, jobSteps } from './job-steps.ts';

/** Calls that record a step, up to their end; a plan between the brackets may have brackets of its own. */
const recording = /\b(?:record|change|update|updateFold)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g;

/** A template with what may stand in it: each side of a choice, and something for the rest. */
function variantsOf(template: string): string[] {
  const choice = /\$\{[^}]*\? '([^']*)' : '([^']*)'\}/.exec(template);
  if (choice === null) return [template.replace(/\$\{[^}]*\}+/g, 'this one')];
  return [choice[1]!, choice[2]!].flatMap((side) => variantsOf(template.replace(choice[0], side)));
}

/** The steps that the sources record, as they would stand in a job. */
function recordedSteps(): { file: string; step: string }[] {
  const files = globSync('src/workflows/**/*.ts').filter((file) => !file.endsWith('.test.ts'));
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(recording)].flatMap(([, body = '']) => {
      const literal = /(?:^|,)\s*(?:'([^']+)'|`([^`]+)`)\s*(?:,[^'`]*)?$/.exec(body);
      const text = literal?.[1] ?? literal?.[2];
      // Other calls of these names end in a single word.
      if (text === undefined || !/ |^(?:planned|begun)$/.test(text)) return [];
      return variantsOf(text).map((step) => ({ file, step }));
    }),
  );
}

test('every step that a job records has a code', () => {
  const steps = recordedSteps();
  assert.ok(steps.length >= 40, `only ${steps.length} steps were found in the sources`);
  assert.deepEqual(
    steps.filter(({ step }) => jobStepOf(step) === undefined),
    [],
  );
});

test('a step is told with what stands in it, and each template finds itself', () => {
  assert.deepEqual(jobStepOf('imported volume:6ee1 (/dev/vdb)'), {
    code: 'disk-imported',
    params: { disk: 'volume:6ee1 (/dev/vdb)' },
  });
  for (const [code, template] of Object.entries(jobSteps))
    assert.equal(jobStepOf(template.replace(/\{\w+\}/g, 'a thing'))?.code, code);
  assert.equal(jobStepOf('something that a later version does'), undefined);
});
