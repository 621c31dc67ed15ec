import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeProjects } from './merge-projects.ts';

const none = { protected: 0, stale: 0, unprotected: 0 };

test('a project is there once, whoever knows of it, and is found by a part of its name or id', () => {
  const parts = {
    names: new Map([
      ['b', 'Beta'],
      ['a', 'alpha'],
    ]),
    coverage: [
      { project_id: 'a', instances: none, volumes: none },
      { project_id: 'gone', instances: none, volumes: none },
    ],
    settings: [
      {
        id: 'b',
        tenant_restores: false,
        approval_modes: ['replace' as const],
        updated_at: null,
        updated_by: null,
      },
    ],
  };
  const rows = mergeProjects(parts, '');
  assert.deepEqual(
    rows.map(({ name, tenantRestores }) => [name, tenantRestores]),
    [
      ['alpha', true],
      ['Beta', false],
      ['gone', true],
    ],
  );
  assert.deepEqual(rows[1]?.approvalModes, ['replace']);
  assert.equal(rows[1].coverage, undefined);
  assert.deepEqual(
    mergeProjects(parts, 'ET').map(({ id }) => id),
    ['b'],
  );
});
