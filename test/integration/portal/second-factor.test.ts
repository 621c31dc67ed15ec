/** A real Keystone that wants a one-time passcode: its receipt is understood, and both factors together sign in. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup, credentialsOf, openCloud } from '../../support/devcloud.ts';
import { startKeystoneWithTotp, totp } from '../../support/keystone-with-totp.ts';
import { assertPortalError, PortalBrowser, sessionIn } from '../../support/portal-browser.ts';
import { PortalUsers, type PortalUser } from '../../support/portal-users.ts';
import { startTestService, type TestService } from '../../support/service.ts';

const cleanup = new Cleanup();
let service: TestService;
let careful: PortalUser;
let secret: string;

before(async () => {
  const keystone = await startKeystoneWithTotp();
  cleanup.add(() => keystone.close());
  const users = new PortalUsers(openCloud('devcloud-admin'));
  cleanup.add(() => users.close());
  careful = await users.create('careful', { projects: ['tenant'] });
  secret = await users.totpSecret(careful);
  await users.change(careful.id, {
    options: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] },
  });
  const credentials = { ...credentialsOf('emberkeep'), authUrl: keystone.authUrl };
  service = await startTestService({ credentials, role: 'api' });
  cleanup.add(() => service.stop());
});
after(() => cleanup.run());

test('RFC 6238, appendix B: the passcodes of its time stamps', () => {
  const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  assert.equal(totp(key, new Date(59_000)), '287082');
  assert.equal(totp(key, new Date(1_111_111_109_000)), '081804');
});

test('the password alone is asked for the passcode; both together sign in; a wrong one of either does not', async () => {
  const browser = new PortalBrowser(service.service.url);
  const needed = await browser.signIn(careful.name, careful.password);
  assertPortalError(needed, 401, 'AUTH_PASSCODE_NEEDED');
  assertPortalError(await browser.signIn(careful.name, 'wrong-password'), 401, 'AUTH_CREDENTIALS');
  const passcode = totp(secret, new Date());
  const wrong = String((Number(passcode) + 1) % 1_000_000).padStart(6, '0');
  assertPortalError(
    await browser.signIn(careful.name, careful.password, { passcode: wrong }),
    401,
    'AUTH_CREDENTIALS',
  );
  const session = sessionIn(
    await browser.signIn(careful.name, careful.password, { passcode: totp(secret, new Date()) }),
  );
  assert.equal(session.scope.project?.name, 'tenant');
  assert.equal((await browser.call('GET', '/api/v1/instances')).status, 200);
  assert.equal((await browser.call('DELETE', '/auth/session')).status, 204);
});
