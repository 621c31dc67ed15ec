import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RestorePlan } from '../api/types.ts';
import { isDestructive, planFacts } from './plan-words.ts';

const plan: RestorePlan = {
  point_id: '7484b9a9-6652-4366-b903-a81db33e8974',
  kind: 'instance',
  source_name: 'web-01',
  project_id: 'p',
  taken_at: '2026-11-27T10:00:00Z',
  mode: 'volume',
  possible: true,
  problems: [],
  steps: [
    {
      kind: 'import',
      code: 'import-disk',
      params: {},
      text: 'Read it',
      disk_key: 'volume:1',
      instance_id: null,
      volume_id: null,
    },
  ],
  disks: [],
  read_bytes: 10,
  written_bytes: 20,
  duration_seconds: null,
  stopped_seconds: null,
  measured_restores: 0,
  losses: [],
  undo_days: null,
  later_point_at: null,
  notes: [],
  said_notes: [],
};

const kindsOf = (changes: Partial<RestorePlan>): string[] =>
  planFacts({ ...plan, ...changes }).map(({ kind }) => kind);

const stop: RestorePlan['steps'][number] = {
  kind: 'stop',
  code: 'stop-instance',
  params: {},
  text: 'Stop',
  disk_key: null,
  instance_id: 'i',
  volume_id: null,
};

describe('planFacts', () => {
  test('what changes nothing says that nothing is lost and nothing stands still', () => {
    assert.deepEqual(kindsOf({}), [
      'possible',
      'nothing-lost',
      'runs-on',
      'data',
      'duration-unknown',
      'no-undo-needed',
    ]);
  });

  test('what cannot be done says so, with all problems, and promises nothing', () => {
    const problem = {
      code: 'CONFLICT_X',
      what: 'a',
      remedy: 'b',
      remedy_code: null,
      remedy_params: {},
      disk_key: null,
    };
    assert.deepEqual(planFacts({ ...plan, possible: false, problems: [problem, problem], steps: [] }), [
      { kind: 'impossible', problems: 2 },
    ]);
  });

  test('a destructive one tells every loss, the standstill, the time and the way back', () => {
    const kept = { code: 'stays-in-image' as const, params: { days: 7 }, text: 'kept' };
    const losses = [
      { disk_key: 'volume:1', changed_bytes: 64, unsaved_bytes: 32, ...kept },
      { disk_key: 'volume:2', changed_bytes: null, unsaved_bytes: 8, ...kept },
      { disk_key: 'volume:3', changed_bytes: 5, unsaved_bytes: 5, ...kept },
      { disk_key: 'volume:4', changed_bytes: 0, unsaved_bytes: 0, ...kept },
    ];
    const facts = planFacts({
      ...plan,
      mode: 'in-place',
      steps: [stop],
      losses,
      stopped_seconds: 8,
      duration_seconds: 27,
      measured_restores: 3,
      undo_days: 7,
      later_point_at: '2026-11-27T11:00:00Z',
    });
    assert.deepEqual(facts, [
      { kind: 'possible' },
      { kind: 'loss', disk: 'volume:1', changedBytes: 64, unsavedBytes: 32, said: kept },
      { kind: 'loss', disk: 'volume:2', changedBytes: undefined, unsavedBytes: 8, said: kept },
      // All of it is in no point: said once.
      { kind: 'loss', disk: 'volume:3', changedBytes: 5, unsavedBytes: undefined, said: kept },
      { kind: 'nothing-written', disk: 'volume:4' },
      { kind: 'later-points', newest: '2026-11-27T11:00:00Z' },
      { kind: 'stopped', seconds: 8 },
      { kind: 'data', readBytes: 10, writtenBytes: 20 },
      { kind: 'duration', seconds: 27, restores: 3 },
      { kind: 'undo', days: 7 },
    ]);
  });

  test('an instance that stops for an unknown time is not said to run on', () => {
    assert.ok(kindsOf({ steps: [stop] }).includes('stopped'));
    assert.ok(!kindsOf({ steps: [stop] }).includes('runs-on'));
  });
});

test('exactly the modes that change what is in use ask for the name', () => {
  const modes = ['image', 'volume', 'replace', 'in-place', 'instance'] as const;
  assert.deepEqual(modes.filter(isDestructive), ['replace', 'in-place']);
});
