import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import {
  authorize,
  isAllowed,
  notFound,
  rightsOf,
  usualRules,
  visibleProject,
  type AccessRules,
  type Action,
  type Caller,
} from './access.ts';

interface Token {
  roles: string[];
  /** undefined: a token for the system. */
  project?: string | undefined;
  rules?: AccessRules;
}

function caller({ roles, project, rules = usualRules }: Token): Caller {
  return {
    userId: 'u',
    userName: 'user',
    projectId: project,
    projectName: project,
    roles,
    ...rightsOf({ roles, isSystem: project === undefined }, rules),
    requestId: 'req-1',
    address: '127.0.0.1',
  };
}

const actions: Action[] = [
  'read',
  'backup',
  'restore',
  'delete',
  'cancel',
  'approve',
  'administer',
  'inspect',
];
const changes: Action[] = ['backup', 'restore', 'delete', 'cancel'];
const confined: AccessRules = { ...usualRules, projectAdmins: 'project' };
const renamed: AccessRules = { ...usualRules, readerRoles: ['viewer'], memberRoles: ['operator', 'keeper'] };

const matrix: [string, Token, string | null, Action[]][] = [
  ['reader, own project', { roles: ['reader'], project: 'own' }, 'own', ['read']],
  ['member, own project', { roles: ['member', 'reader'], project: 'own' }, 'own', ['read', ...changes]],
  ['admin, own project', { roles: ['admin'], project: 'own' }, 'own', actions],
  ['no role, own project', { roles: ['swift'], project: 'own' }, 'own', []],
  ['reader, foreign project', { roles: ['reader'], project: 'own' }, 'foreign', []],
  ['member, foreign project', { roles: ['member'], project: 'own' }, 'foreign', []],
  ['member, no project', { roles: ['member'], project: 'own' }, null, []],
  ['admin, foreign project', { roles: ['admin'], project: 'own' }, 'foreign', actions],
  ['admin, no project', { roles: ['admin'], project: 'own' }, null, actions],
  ['reader of the system', { roles: ['reader'] }, 'own', ['read', 'inspect']],
  ['member of the system', { roles: ['member'] }, null, ['read', 'inspect']],
  ['admin of the system', { roles: ['admin'] }, 'own', actions],
  [
    'confined admin, own project',
    { roles: ['admin'], project: 'own', rules: confined },
    'own',
    ['read', ...changes, 'approve'],
  ],
  ['confined admin, foreign project', { roles: ['admin'], project: 'own', rules: confined }, 'foreign', []],
  ['confined admin, no project', { roles: ['admin'], project: 'own', rules: confined }, null, []],
  ['admin of the system beside confined ones', { roles: ['admin'], rules: confined }, null, actions],
  ['operator is member', { roles: ['keeper'], project: 'own', rules: renamed }, 'own', ['read', ...changes]],
  ['viewer is reader', { roles: ['viewer'], project: 'own', rules: renamed }, 'own', ['read']],
  ['member is nobody', { roles: ['member'], project: 'own', rules: renamed }, 'own', []],
];
for (const [who, token, projectId, allowed] of matrix) {
  test(`${who}: may ${allowed.join(', ') || 'nothing'}`, () => {
    const by = caller(token);
    assert.deepEqual(
      actions.filter((action) => isAllowed(by, action, projectId)),
      actions.filter((action) => allowed.includes(action)),
    );
  });
}

test('I7: what belongs to others answers exactly as what does not exist', () => {
  const what = 'instance "web-01"';
  for (const action of ['read', ...changes, 'approve'] as const) {
    assert.throws(() => authorize(caller({ roles: ['member'], project: 'own' }), action, 'foreign', what), {
      code: 'NOTFOUND_RESOURCE',
      message: notFound(what).message,
    });
  }
});

test('what may be read but not changed is refused in words that name the way', () => {
  const refusals: [Token, Action, RegExp][] = [
    [{ roles: ['reader'], project: 'own' }, 'restore', /do not allow restore; ask for the role member/],
    [{ roles: ['member'], project: 'own' }, 'approve', /ask for the role admin/],
    [{ roles: ['reader'] }, 'restore', /token for the system; sign in to the project/],
    [{ roles: ['member'], project: 'own' }, 'administer', /only an administrator/],
    [{ roles: ['member'], project: 'own' }, 'inspect', /reader on the system/],
  ];
  for (const [token, action, message] of refusals) {
    assert.throws(
      () => authorize(caller(token), action, 'own', 'point "p"'),
      (error: unknown) =>
        error instanceof AppError && error.code === 'FORBIDDEN_ROLE' && message.test(error.message),
    );
  }
});

test('I7: a listing shows the own project, and everything only to who sees everything', () => {
  assert.equal(visibleProject(caller({ roles: ['member'], project: 'own' })), 'own');
  assert.equal(visibleProject(caller({ roles: ['reader'] })), undefined);
  assert.equal(visibleProject(caller({ roles: ['admin'], project: 'own' })), undefined);
  assert.equal(visibleProject(caller({ roles: ['admin'], project: 'own', rules: confined })), 'own');
});
