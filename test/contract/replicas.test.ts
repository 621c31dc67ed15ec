/** Requests that come again, and streams that go on elsewhere: one catalog, any replica. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newId } from '../../src/base/ids.ts';
import type { ErrorBody } from '../../src/entry/api/error-response.ts';
import { assertError, callApi, type Answer, type CallOptions } from '../support/api-call.ts';
import { AccessLab } from '../support/access-lab.ts';
import { ownProjectId as own } from '../support/lab-cloud.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

function call<T = ErrorBody>(method: string, path: string, options?: CallOptions): Promise<Answer<T>> {
  return callApi<T>(lab.service, method, path, options);
}

describe('Idempotency-Key', () => {
  const post = (token: string, key: string, body: object): Promise<Answer<{ jobs: { id: string }[] }>> =>
    call('POST', '/v1/backups', { token, body, headers: { 'idempotency-key': key } });
  const backup = { target: { instance: 'web-01' } };

  test('a repeat gets the same answer, also from another replica', async () => {
    const first = await post('member', 'k-1', backup);
    assert.equal(first.status, 202);
    const other = await lab.replicate();
    const again = await callApi<{ jobs: { id: string }[] }>(other, 'POST', '/v1/backups', {
      body: backup,
      headers: { 'idempotency-key': 'k-1' },
    });
    assert.deepEqual([again.status, again.body], [202, first.body]);
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assertError(
      await post('member', 'k-1', { ...backup, full: true }),
      409,
      'CONFLICT_IDEMPOTENCY_KEY',
      /new key/,
    );
    const others = await post('project-admin', 'k-1', backup);
    assert.notEqual(others.body.jobs[0]!.id, first.body.jobs[0]!.id, "another caller's key is another key");
    assertError(await post('member', 'with space', backup), 400, 'INPUT_HEADER', /printable/);
  });

  test('many at once do it once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => post('member', 'k-2', backup)));
    const done = answers.filter(({ status }) => status === 202);
    assert.ok(done.length >= 1);
    assert.equal(new Set(done.map(({ body }) => body.jobs[0]!.id)).size, 1);
    for (const answer of answers.filter(({ status }) => status !== 202))
      assertError(answer, 409, 'CONFLICT_IDEMPOTENCY_UNDER_WAY', /few seconds/);
  });

  test('what failed may be tried again, and a key is forgotten after a day', async () => {
    const missing = { target: { instance: 'nothing' } };
    for (let i = 0; i < 2; i += 1) assert.equal((await post('member', 'k-3', missing)).status, 404);
    const first = await post('member', 'k-4', backup);
    await lab.database
      .sql('emberkeep.idempotency_keys')
      .update({ created_at: new Date(Date.now() - 86_500_000) });
    assert.notEqual((await post('member', 'k-4', backup)).body.jobs[0]!.id, first.body.jobs[0]!.id);
  });

  test('a request whose service was killed in the middle is never done twice', async () => {
    const first = await post('member', 'k-5', backup);
    const keys = lab.database.sql('emberkeep.idempotency_keys');
    const longAgo = { answer: null, status: null, created_at: new Date(Date.now() - 150_000) };
    await keys.clone().where('key', 'k-5').update(longAgo);
    assertError(await post('member', 'k-5', backup), 409, 'CONFLICT_IDEMPOTENCY_LOST', /audit trail/);
    await keys
      .clone()
      .where('key', 'k-5')
      .update({ request_id: `req-${newId()}` });
    const second = await post('member', 'k-5', backup);
    assert.equal(second.status, 202, 'the first had done nothing');
    assert.notEqual(second.body.jobs[0]!.id, first.body.jobs[0]!.id);
  });
});

test('a job is followed on from where another replica was left: Last-Event-ID', async () => {
  const { catalog } = lab.database;
  const jobId = await lab.job(own);
  const other = await lab.replicate();
  const read = async (url: string, lastId: number): Promise<string> => {
    const headers = { 'x-auth-token': 'member', 'last-event-id': String(lastId) };
    return await (await fetch(`${url}/v1/jobs/${jobId}/events`, { headers })).text();
  };
  const started = await catalog.jobs.start(jobId);
  const seen = await catalog.events.since(jobId);
  await catalog.events.append(jobId, 'log', { message: 'after the break' });
  await catalog.jobs.finish(jobId, started!.attempt, { state: 'succeeded', result: {} });
  const rest = await read(other.url, seen.at(-1)!.id);
  assert.match(rest, /after the break/);
  assert.match(rest, /event: end/);
  for (const { id } of seen) assert.doesNotMatch(rest, new RegExp(`^id: ${id}$`, 'm'));
  assert.match(await read(lab.service.url, 0), new RegExp(`^id: ${seen[0]!.id}$`, 'm'));
});
