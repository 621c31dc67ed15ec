/** Approvals, audit, coverage and repeated requests, as tenants and administrators use them: API and command line. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../src/base/ids.ts';
import type { ErrorBody } from '../../src/entry/api/error-response.ts';
import { assertError, callApi, type Answer, type CallOptions } from '../support/api-call.ts';
import { AccessLab } from '../support/access-lab.ts';
import { startCli, type CliOutcome } from '../support/cli-runner.ts';
import { ownProjectId as own } from '../support/lab-cloud.ts';
import { userIdOf } from '../support/lab-identity.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

function call<T = ErrorBody>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  return callApi<T>(lab.service, method, path, options);
}

function cli(token: string, ...line: string[]): Promise<CliOutcome> {
  return startCli(line, { endpoint: lab.service.url, token }).done;
}

interface WireRestore {
  restore: {
    id: string;
    state: string;
    job_id: string | null;
    approval: { reason: string | null; decided_by: { user_name: string } | null } | null;
    requested_by: { user_name: string } | null;
  };
}

async function ask(token = 'member', mode = 'volume'): Promise<WireRestore['restore']> {
  const body = { point: { id: await lab.point(own) }, mode };
  const answer = await call<WireRestore>('POST', '/v1/restores', { token, body });
  assert.equal(answer.status, 202);
  return answer.body.restore;
}

async function decide(token: string, id: string, verb: string, body = {}): Promise<Answer<WireRestore>> {
  return await call<WireRestore>('POST', `/v1/restores/${id}/${verb}`, { token, body });
}

async function actions(): Promise<string[]> {
  const { body } = await call<{ audit: { action: string; result: string }[] }>(
    'GET',
    '/v1/audit?limit=1000',
    {
      token: 'cloud-admin',
    },
  );
  return body.audit.map(({ action, result }) => `${action} ${result}`);
}

describe('approvals', () => {
  before(async () => {
    const set = await cli(
      'cloud-admin',
      'project',
      'set',
      'demo',
      '--approval',
      'volume',
      '--approval',
      'in-place',
    );
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stdout, /approval_modes +\| volume, in-place/);
  });

  test('a restore that needs one waits, runs once approved, and keeps who asked', async () => {
    const waiting = await ask();
    assert.equal(waiting.state, 'pending');
    assert.equal(waiting.job_id, null);
    const pending = await cli('member', 'restore', 'list', '--state', 'pending', '-f', 'value', '-c', 'ID');
    assert.equal(pending.stdout.trim(), waiting.id);
    assertError(await decide('member', waiting.id, 'approve'), 403, 'FORBIDDEN_ROLE', /role admin/);
    const approved = await decide('project-admin', waiting.id, 'approve', { reason: 'seen' });
    assert.equal(approved.status, 202);
    const { restore } = approved.body;
    assert.equal(restore.state, 'queued');
    assert.equal(restore.requested_by?.user_name, 'member');
    assert.equal(restore.approval?.decided_by?.user_name, 'project admin');
    const job = await lab.database.catalog.jobs.get(restore.job_id ?? undefined);
    assert.equal(job?.requestedBy.userId, userIdOf('member'));
    assert.equal(job.target['restoreId'], waiting.id);
    assertError(await decide('cloud-admin', waiting.id, 'approve'), 409, 'CONFLICT_NOT_PENDING', /approved/);
    assert.ok((await actions()).includes('restore.approve allowed'));
    assert.ok((await actions()).includes('api.approveRestore refused'), 'refused attempts too');
  });

  test('who asks never approves, also not with another token', async () => {
    const waiting = await ask('project-admin');
    assert.equal(waiting.state, 'pending');
    const refused = await decide('project-admin', waiting.id, 'approve');
    assertError(refused, 403, 'FORBIDDEN_OWN_REQUEST', /another administrator/);
    assert.equal((await decide('cloud-admin', waiting.id, 'approve')).status, 202);
  });

  test('rejected and withdrawn ones never run', async () => {
    const [rejected, withdrawn] = [await ask(), await ask()];
    assertError(await decide('cloud-admin', rejected.id, 'reject'), 400, 'INPUT_BODY', /reason/);
    const no = await cli(
      'cloud-admin',
      'restore',
      'reject',
      rejected.id,
      '--reason',
      'take a newer one',
      '-f',
      'json',
    );
    assert.equal(no.code, 0, no.stderr);
    assert.deepEqual(
      (({ state, reason, job_id: job }) => [state, reason, job])(
        JSON.parse(no.stdout) as { state: string; reason: string; job_id: null },
      ),
      ['rejected', 'take a newer one', null],
    );
    assertError(await decide('cloud-admin', withdrawn.id, 'cancel'), 403, 'FORBIDDEN_NOT_ASKER', /reject it/);
    assert.equal((await decide('member', withdrawn.id, 'cancel')).body.restore.state, 'cancelled');
    for (const { id } of [rejected, withdrawn])
      assertError(await decide('cloud-admin', id, 'approve'), 409, 'CONFLICT_NOT_PENDING', /any more/);
    const left = await lab.database.catalog.restores.get(withdrawn.id);
    assert.equal(left?.jobId, undefined);
  });

  test('of two decisions at once one holds (I9)', async () => {
    const { id } = await ask();
    const answers = await Promise.all([
      decide('cloud-admin', id, 'approve'),
      decide('system-admin', id, 'approve'),
      decide('project-admin', id, 'reject', { reason: 'no' }),
      decide('member', id, 'cancel'),
    ]);
    assert.equal(answers.filter(({ status }) => status < 300).length, 1);
    const jobs = await lab.database.catalog.jobs.list({ kind: 'restore', limit: 1000 });
    assert.ok(jobs.filter(({ target }) => target['restoreId'] === id).length <= 1);
  });

  test('one that nobody decided expires, and what its point became is looked at', async () => {
    const late = await lab.pending(own, userIdOf('member'), { hours: 0 });
    const shown = await call<WireRestore>('GET', `/v1/restores/${late}`);
    assert.equal(shown.body.restore.state, 'expired');
    assertError(await decide('cloud-admin', late, 'approve'), 409, 'CONFLICT_NOT_PENDING', /expired/);
    assert.ok((await actions()).includes('restore.expire expired'));
    const { id } = await ask();
    const row = await lab.database.catalog.restores.get(id);
    await lab.database.catalog.expiry.deletePoints([row!.pointId], { actor: {} });
    assertError(await decide('cloud-admin', id, 'approve'), 409, 'CONFLICT_POINT_GONE', /reject it/);
  });

  test('a mode that needs none, and an administrator, do not wait', async () => {
    assert.equal((await ask('member', 'image')).state, 'queued');
    assert.equal((await ask('cloud-admin', 'volume')).state, 'queued');
    const { body } = await call<{ restores: { state: string }[] }>(
      'GET',
      '/v1/restores?state=queued&mode=image',
    );
    assert.deepEqual([...new Set(body.restores.map(({ state }) => state))], ['queued']);
  });

  test('tenants restore nothing where restores are left to administrators', async () => {
    const before = await lab.restored(own);
    await cli('cloud-admin', 'project', 'set', 'demo', '--tenant-restores', 'off');
    const body = { point: { id: await lab.point(own) }, mode: 'image' };
    assertError(await call('POST', '/v1/restores', { body }), 403, 'FORBIDDEN_RESTORES', /ask one/);
    assertError(
      await call('POST', `/v1/restores/${before}/undo`),
      403,
      'FORBIDDEN_RESTORES',
      /administrators/,
    );
    const shown = await cli('reader', 'project', 'show', 'demo', '-f', 'value', '-c', 'tenant_restores');
    assert.equal(shown.stdout, 'false\n');
    const all = await cli(
      'cloud-admin',
      'project',
      'set',
      'demo',
      '--tenant-restores',
      'on',
      '--approval',
      'none',
    );
    assert.match(all.stdout, /approval_modes +\| none/);
    const refused = await cli('member', 'project', 'set', 'demo', '--tenant-restores', 'on');
    assert.equal(refused.code, 4);
  });
});

describe('audit', () => {
  test('is paged and filtered, and shows tenants their project without where others came from', async () => {
    await cli('cloud-admin', 'project', 'set', 'demo', '--approval', 'none');
    const first = await call<{ audit: { id: string }[]; links: { href: string }[] }>(
      'GET',
      '/v1/audit?limit=2',
    );
    assert.equal(first.body.audit.length, 2);
    const second = await call<{ audit: { id: string }[] }>(
      'GET',
      first.body.links[0]!.href.replace(lab.service.url, ''),
    );
    assert.ok(Number(second.body.audit[0]!.id) < Number(first.body.audit[1]!.id));
    const { body } = await call<{
      audit: { user_name: string; actor: Record<string, unknown>; project_id: string; request_id: string }[];
    }>('GET', '/v1/audit?action=project.change');
    assert.ok(body.audit.length > 0);
    assert.deepEqual(body.audit.map(({ user_name: name, actor, project_id: id }) => [name, actor, id])[0], [
      'cloud admin',
      {},
      own,
    ]);
    const whole = await cli(
      'system-reader',
      'audit',
      'list',
      '--action',
      'project.change',
      '--limit',
      '1',
      '-f',
      'json',
    );
    const [entry] = JSON.parse(whole.stdout) as { From: string; 'Request ID': string }[];
    assert.equal(entry?.From, '127.0.0.1');
    assert.match(entry['Request ID'], /^req-/);
  });
});

describe('coverage', () => {
  test('says what is protected and why not, by project, and lists say it too', async () => {
    const { catalog } = lab.database;
    const [web, bare] = lab.cloud.instances;
    const { policy } = await lab.policy(own, true);
    await catalog.policies.saveSources({
      planned: [
        {
          id: newId(),
          policyId: policy,
          revision: 1,
          kind: 'instance',
          sourceId: web!.id,
          sourceName: 'web-01',
          projectId: own,
          target: { kind: 'instance', id: web!.id, name: 'web-01', projectId: own },
          gone: false,
          nextRunAt: new Date('2030-01-01T00:00:00Z'),
        },
      ],
      removedIds: [],
    });
    const listed = await cli('member', 'coverage', '-f', 'json');
    const rows = JSON.parse(listed.stdout) as { Name: string; Protection: string; Reason: string }[];
    assert.deepEqual(
      rows.map(({ Name, Protection }) => [Name, Protection]),
      [
        ['web-01', 'unprotected'],
        ['web-02', 'unprotected'],
      ],
    );
    assert.match(rows[0]!.Reason, /first backup is due 2030/);
    assert.match(rows[1]!.Reason, /no policy protects it/);
    assert.equal(bare!.name, 'web-02');
    const only = await call<{ coverage: unknown[] }>('GET', '/v1/coverage?state=stale&kind=volume');
    assert.deepEqual(only.body.coverage, []);
    const counts = await cli('system-reader', 'coverage', '--all-projects', '--by-project', '-f', 'csv');
    assert.equal(counts.stdout.split('\n').length, 4, counts.stdout);
    assert.match(counts.stdout, new RegExp(`${own},0,0,2,0,0,2`));
    const instances = await cli('member', 'instance', 'list', '-f', 'value', '-c', 'Protection');
    assert.equal(instances.stdout, 'unprotected\nunprotected\n');
    const volume = await cli('member', 'volume', 'show', 'data-01', '-f', 'value', '-c', 'reason');
    assert.match(volume.stdout, /no policy protects it/);
    assert.match((await cli('cloud-admin', 'store', 'list')).stdout, /file:\/\/\/srv\/emberkeep/);
  });
});
