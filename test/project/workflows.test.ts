/** .github/workflows by GitHub's own parser, and by the rules that keep them safe; nothing here runs them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

// The parser is made for bundlers: it imports JSON as if that were a module.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } =
  await import('@actions/workflow-parser');

const folder = '.github/workflows';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  uses?: string;
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  steps?: Step[];
}

interface Workflow {
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const workflows = readdirSync(folder).map((name) => {
  const content = readFileSync(join(folder, name), 'utf8');
  return { name, content, workflow: parse(content) as Workflow };
});

/** Its syntax, keys and expressions, as GitHub would complain of them. */
async function problemsOf(name: string, content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  return context.errors.getErrors().map(({ message }) => message);
}

function jobsOf({ jobs }: Workflow): [string, Job][] {
  return Object.entries(jobs);
}

function stepsOf(workflow: Workflow): Step[] {
  return jobsOf(workflow).flatMap(([, { steps = [] }]) => steps);
}

for (const { name, content, workflow } of workflows) {
  describe(`${folder}/${name}`, () => {
    test('is a workflow that GitHub takes', async () => {
      assert.deepEqual(await problemsOf(name, content), []);
    });

    test('uses every action by its commit, with the version beside it', () => {
      const uses = [...content.matchAll(/\buses: *(\S+)(.*)$/gm)].filter(
        ([, action = '']) => !action.startsWith('./'),
      );
      assert.ok(uses.length > 0);
      for (const [line, action = '', comment = ''] of uses) {
        assert.match(action, /^[\w./-]+@[0-9a-f]{40}$/, line);
        assert.match(comment, /^ # v\d+[.]\d+[.]\d+$/, line);
      }
    });

    test('may read the repository, and a job more than that only by saying so', () => {
      assert.deepEqual(workflow.permissions, { contents: 'read' });
      const more = jobsOf(workflow).filter(([, { permissions }]) => permissions !== undefined);
      assert.deepEqual(
        more.map(([job, { permissions }]) => [job, permissions]),
        name === 'release.yml' ? [['release', { contents: 'write' }]] : [],
      );
    });

    test('leaves no token in a checkout', () => {
      for (const step of stepsOf(workflow).filter(({ uses }) => uses?.startsWith('actions/checkout@')))
        assert.equal(step.with?.['persist-credentials'], false);
    });

    test('ends every job after a time', () => {
      for (const [job, { uses, 'timeout-minutes': minutes }] of jobsOf(workflow))
        assert.ok(uses !== undefined || (minutes ?? Infinity) <= 120, job);
    });
  });
}

test('every part of npm test is run by a job of ci.yml', () => {
  const all =
    /^    (checks \| .+)\) "\$name" ;;$/m.exec(readFileSync('test/run.sh', 'utf8'))?.[1]?.split(' | ') ?? [];
  assert.ok(all.length >= 9);
  const { workflow } = workflows.find(({ name }) => name === 'ci.yml')!;
  const run = stepsOf(workflow).flatMap(
    ({ run: command = '' }) => /^npm test -- (.+)$/m.exec(command)?.[1]?.split(' ') ?? [],
  );
  assert.deepEqual([...new Set(run)].sort(), all.sort());
});

test('a wrong key and a wrong expression are found', async () => {
  const job = (more: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n${more}`;
  assert.deepEqual(await problemsOf('a.yml', job('    steps: [{ run: ls }]\n')), []);
  assert.notDeepEqual(await problemsOf('a.yml', job('    steps: [{ runs: ls }]\n')), []);
  assert.notDeepEqual(await problemsOf('a.yml', job('    steps: [{ run: "${{ gihtub.ref }}" }]\n')), []);
});
