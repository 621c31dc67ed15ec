import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../base/errors.ts';
import { authorize, isAllowed, notFound, type Action, type Caller } from './access.ts';

function caller(roles: string[], projectId: string | undefined = 'own'): Caller {
  return {
    userId: 'u',
    userName: 'user',
    projectId,
    projectName: projectId,
    roles,
    isAdmin: roles.includes('admin'),
    requestId: 'req-1',
    address: '127.0.0.1',
  };
}

const actions: Action[] = ['read', 'backup', 'restore', 'cancel', 'administer'];
const matrix: [string, Caller, string | null, Action[]][] = [
  ['reader, own project', caller(['reader']), 'own', ['read']],
  ['member, own project', caller(['member', 'reader']), 'own', ['read', 'backup', 'restore', 'cancel']],
  ['no role, own project', caller([]), 'own', []],
  ['member, foreign project', caller(['member']), 'foreign', []],
  ['member, no project', caller(['member']), null, []],
  ['admin, foreign project', caller(['admin']), 'foreign', actions],
  ['admin, no project', caller(['admin']), null, actions],
  ['member without a project in the token', { ...caller(['member']), projectId: undefined }, 'own', []],
];
for (const [who, by, projectId, allowed] of matrix) {
  test(`${who}: may ${allowed.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      actions.filter((action) => isAllowed(by, action, projectId)),
      allowed,
    );
  });
}

test('I7: what belongs to others answers exactly as what does not exist', () => {
  const what = 'instance "web-01"';
  for (const action of actions.filter((one) => one !== 'administer')) {
    assert.throws(() => authorize(caller(['member']), action, 'foreign', what), {
      code: 'NOTFOUND_RESOURCE',
      message: notFound(what).message,
    });
  }
});

test('what may be read but not changed is refused in words that name the role', () => {
  assert.throws(
    () => authorize(caller(['reader']), 'restore', 'own', 'point "p"'),
    (error: unknown) =>
      error instanceof AppError && error.code === 'FORBIDDEN_ROLE' && error.message.includes('role member'),
  );
});
