import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { AppError } from '../../base/errors.ts';
import { hasCloudCredentials, readCloudCredentials, type CloudsConfigOptions } from './clouds-config.ts';
import type { CloudCredentials } from './credentials.ts';

const root = mkdtempSync(join(tmpdir(), 'emberkeep-clouds-'));
const home = join(root, 'home');
const work = join(root, 'work');
const userDirectory = join(home, '.config', 'openstack');

beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(userDirectory, { recursive: true });
  mkdirSync(work, { recursive: true });
});
after(() => rmSync(root, { recursive: true, force: true }));

function read(env: Record<string, string> = {}, change: Partial<CloudsConfigOptions> = {}): CloudCredentials {
  return readCloudCredentials({ env, workingDirectory: work, homeDirectory: home, ...change });
}

function fails(code: string, pattern: RegExp, env: Record<string, string>): void {
  assert.throws(
    () => read(env),
    (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

const twoClouds = `
clouds:
  prod:
    auth: { auth_url: https://keystone.example/v3, username: keeper, project_name: service, user_domain_name: Default, project_domain_name: Ops }
    region_name: north
    interface: internal
    cacert: ~/ca.pem
    volumev3_endpoint_override: https://cinder.example/v3/%(project_id)s
  lab:
    auth_type: v3applicationcredential
    auth: { auth_url: https://lab.example, application_credential_id: ac1, application_credential_secret: ac-secret }
    verify: false
    cacert: /etc/lab.pem
`;

test('OS_* variables alone', () => {
  assert.deepEqual(
    read({
      OS_AUTH_URL: 'http://k:5000/v3',
      OS_USERNAME: 'admin',
      OS_PASSWORD: 'pw',
      OS_PROJECT_NAME: 'admin',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_REGION_NAME: 'RegionOne',
      OS_INTERFACE: 'internal',
      OS_CACERT: '/ca.pem',
      OS_COMPUTE_ENDPOINT_OVERRIDE: 'http://nova:8774/v2.1',
      OS_PROJECT_ID: '',
    }),
    {
      source: 'the OS_* variables',
      authUrl: 'http://k:5000/v3',
      auth: { kind: 'password', userName: 'admin', userDomain: { name: 'Default' }, password: 'pw' },
      scope: { kind: 'project', name: 'admin', domain: { id: 'default' } },
      region: 'RegionOne',
      interface: 'internal',
      tls: { verify: true, caFile: '/ca.pem' },
      endpointOverrides: { compute: 'http://nova:8774/v2.1' },
    },
  );
});

test('every way to authenticate, from variables', () => {
  const base = { OS_AUTH_URL: 'http://k', OS_PROJECT_ID: 'p1' };
  const auth = (env: Record<string, string>) => read({ ...base, ...env }).auth;
  assert.deepEqual(auth({ OS_AUTH_TYPE: 'v3token', OS_TOKEN: 't1' }), { kind: 'token', token: 't1' });
  assert.deepEqual(auth({ OS_TOKEN: 't1' }), { kind: 'token', token: 't1' });
  assert.deepEqual(auth({ OS_APPLICATION_CREDENTIAL_ID: 'a', OS_APPLICATION_CREDENTIAL_SECRET: 's' }), {
    kind: 'application-credential',
    id: 'a',
    secret: 's',
  });
  assert.deepEqual(
    auth({
      OS_AUTH_TYPE: 'v3applicationcredential',
      OS_APPLICATION_CREDENTIAL_NAME: 'n',
      OS_APPLICATION_CREDENTIAL_SECRET: 's',
      OS_USER_ID: 'u1',
    }),
    { kind: 'application-credential', name: 'n', secret: 's', userId: 'u1' },
  );
  assert.deepEqual(auth({ OS_USER_ID: 'u1', OS_PASSWORD: 'p' }), {
    kind: 'password',
    userId: 'u1',
    password: 'p',
  });
});

test('every scope, and the default domain', () => {
  const base = { OS_AUTH_URL: 'http://k', OS_USERNAME: 'u', OS_PASSWORD: 'p' };
  const scope = (env: Record<string, string>) => read({ ...base, ...env }).scope;
  assert.deepEqual(scope({}), { kind: 'unscoped' });
  assert.deepEqual(scope({ OS_SYSTEM_SCOPE: 'all' }), { kind: 'system' });
  assert.deepEqual(scope({ OS_DOMAIN_NAME: 'Ops' }), { kind: 'domain', domain: { name: 'Ops' } });
  assert.deepEqual(scope({ OS_DOMAIN_ID: 'd1' }), { kind: 'domain', domain: { id: 'd1' } });
  assert.deepEqual(scope({ OS_TENANT_NAME: 'p' }), { kind: 'project', name: 'p', domain: { id: 'default' } });
  const named = { OS_PROJECT_NAME: 'p', OS_DEFAULT_DOMAIN: 'd2' };
  assert.deepEqual(scope(named), { kind: 'project', name: 'p', domain: { id: 'd2' } });
});

test('a named cloud of clouds.yaml with its password from secure.yaml', () => {
  writeFileSync(join(userDirectory, 'clouds.yaml'), twoClouds);
  writeFileSync(join(work, 'secure.yaml'), 'clouds: { prod: { auth: { password: from-secure } } }');
  assert.deepEqual(read({ OS_CLOUD: 'prod', OS_USERNAME: 'ignored' }), {
    source: `cloud "prod" of ${join(userDirectory, 'clouds.yaml')}`,
    authUrl: 'https://keystone.example/v3',
    auth: { kind: 'password', userName: 'keeper', userDomain: { name: 'Default' }, password: 'from-secure' },
    scope: { kind: 'project', name: 'service', domain: { name: 'Ops' } },
    region: 'north',
    interface: 'internal',
    tls: { verify: true, caFile: join(home, 'ca.pem') },
    endpointOverrides: { volumev3: 'https://cinder.example/v3/%(project_id)s' },
  });
});

test('--os-cloud beats OS_CLOUD; verify: false is kept beside the cacert that it beats', () => {
  writeFileSync(join(work, 'clouds.yaml'), twoClouds);
  const lab = read({ OS_CLOUD: 'prod' }, { cloud: 'lab', region: 'south' });
  assert.deepEqual(lab.auth, { kind: 'application-credential', id: 'ac1', secret: 'ac-secret' });
  assert.deepEqual(lab.tls, { verify: false, caFile: '/etc/lab.pem' });
  assert.equal(lab.region, 'south');
});

test('the first file wins, and the named one comes before all', () => {
  const cloud = (url: string) => `clouds: { c: { auth: { auth_url: "${url}", token: t } } }`;
  writeFileSync(join(userDirectory, 'clouds.yaml'), cloud('http://user'));
  assert.equal(read().authUrl, 'http://user');
  writeFileSync(join(work, 'clouds.yml'), cloud('http://work'));
  assert.equal(read().authUrl, 'http://work');
  const named = join(root, 'named.yaml');
  writeFileSync(named, cloud('http://named'));
  assert.equal(read({ OS_CLIENT_CONFIG_FILE: named }).authUrl, 'http://named');
  assert.equal(
    read({ XDG_CONFIG_HOME: join(home, '.config') }, { workingDirectory: root }).authUrl,
    'http://user',
  );
});

test('a profile and the regions of a cloud fill in what the cloud leaves out', () => {
  const profile = 'public-clouds: { vendor: { auth: { auth_url: "http://vendor" }, interface: admin } }';
  writeFileSync(join(work, 'clouds-public.yaml'), profile);
  writeFileSync(
    join(work, 'clouds.yaml'),
    `clouds:
  c:
    profile: vendor
    auth: { token: t }
    regions: [ { name: one, values: { cacert: /one.pem } }, { name: two, values: { auth: { auth_url: "http://two" } } } ]`,
  );
  const first = read();
  assert.deepEqual(
    [first.authUrl, first.interface, first.region, first.tls.caFile],
    ['http://vendor', 'admin', 'one', '/one.pem'],
  );
  const second = read({ OS_REGION_NAME: 'two' });
  assert.deepEqual([second.authUrl, second.region, second.tls.caFile], ['http://two', 'two', undefined]);
});

test('a single cloud is taken unless the variables hold credentials', () => {
  writeFileSync(
    join(work, 'clouds.yaml'),
    'clouds: { only: { auth: { auth_url: "http://file", token: t } } }',
  );
  assert.equal(read({ OS_IDENTITY_API_VERSION: '3' }).authUrl, 'http://file');
  assert.equal(read({ OS_AUTH_URL: 'http://env', OS_TOKEN: 't' }).authUrl, 'http://env');
});

test('whether there are credentials at all', () => {
  const has = (env: Record<string, string>) =>
    hasCloudCredentials({ env, workingDirectory: work, homeDirectory: home });
  assert.equal(has({}), false);
  assert.equal(has({ OS_CLOUD: 'x' }), true);
  assert.equal(has({ OS_AUTH_URL: 'http://k' }), true);
});

test('errors name the file, the key and what to do', () => {
  fails('INPUT_NO_CLOUD', /set the OS_\* variables, or name a cloud/, {});
  fails('INPUT_UNKNOWN_CLOUD', /no clouds.yaml to find the cloud "x" in/, { OS_CLOUD: 'x' });
  writeFileSync(join(work, 'clouds.yaml'), twoClouds);
  fails('INPUT_NO_CLOUD', /has several clouds \(prod, lab\): choose one/, {});
  fails('INPUT_UNKNOWN_CLOUD', /clouds\.yaml has no cloud "x" \(it has: prod, lab\)/, { OS_CLOUD: 'x' });
  fails('INPUT_CREDENTIALS', /auth\.password is missing in cloud "prod" of .*clouds\.yaml/, {
    OS_CLOUD: 'prod',
  });
  fails('INPUT_CREDENTIALS', /OS_AUTH_URL is missing in the OS_\* variables/, { OS_USERNAME: 'u' });
  const env = { OS_AUTH_URL: 'http://k', OS_USERNAME: 'u', OS_PASSWORD: 'p' };
  fails('INPUT_CREDENTIALS', /auth_type "v3totp".*use one of password/, { ...env, OS_AUTH_TYPE: 'v3totp' });
  fails('INPUT_CREDENTIALS', /interface "outer" is unknown/, { ...env, OS_INTERFACE: 'outer' });
  fails('INPUT_CLOUDS_FILE', /OS_CLIENT_CONFIG_FILE names \/nowhere/, { OS_CLIENT_CONFIG_FILE: '/nowhere' });
  writeFileSync(join(work, 'clouds.yaml'), 'clouds: { c: { profile: nobody, auth: {} } }');
  fails('INPUT_UNKNOWN_PROFILE', /profile "nobody", but there is no clouds-public.yaml/, {});
});

test('a file that cannot be parsed does not give its secrets away', () => {
  writeFileSync(join(work, 'clouds.yaml'), 'clouds:\n  c: { auth: { password: top-secret-pw, \n x: [ }');
  assert.throws(
    () => read(),
    (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'INPUT_CLOUDS_FILE');
      assert.match(error.message, /clouds\.yaml cannot be read/);
      assert.doesNotMatch(`${error.stack ?? ''}${String((error.cause as Error).stack)}`, /top-secret-pw/);
      return true;
    },
  );
});
