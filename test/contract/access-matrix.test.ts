/** I7: every operation of the OpenAPI document, by everybody, on what is theirs, another project's, and nobody's. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkAnswer } from '../support/api-call.ts';
import { accessCases, type AccessCase, type Call, type Whose } from '../support/access-cases.ts';
import { AccessLab } from '../support/access-lab.ts';
import { foreignProjectId as foreign } from '../support/lab-cloud.ts';
import { people, tokenOf, type PersonName } from '../support/lab-identity.ts';

let lab: AccessLab;
before(async () => {
  lab = await AccessLab.open();
});
after(() => lab.close());

interface Operation {
  id: string;
  method: string;
  /** With `{names}`. */
  path: string;
}

function operationsOf(): Operation[] {
  const paths = lab.service.api.document.paths ?? {};
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { operationId?: string }>).map(([method, { operationId }]) => ({
      id: operationId ?? `${method} ${path}`,
      method: method.toUpperCase(),
      path,
    })),
  );
}

interface Seen {
  status: number;
  /** The body without what two equal answers may differ in. */
  text: string;
}

async function send(
  { method, path }: Operation,
  { path: params = {}, query = {}, body }: Call,
  token: string | undefined,
): Promise<Seen> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  const url = search === '' ? filled : `${filled}?${search}`;
  const response = await fetch(lab.service.url + url, {
    method,
    headers: {
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if ((response.headers.get('content-type') ?? '').startsWith('application/json')) {
    const answer = { status: response.status, headers: response.headers, body: JSON.parse(text) as unknown };
    checkAnswer(lab.service.api.document, method, url, answer);
  }
  return { status: response.status, text: plain(text, { ...params, ...query }, body) };
}

/** What was asked for, and the request's own id, are the only things in which two answers may differ. */
function plain(text: string, named: Record<string, string>, body: object | undefined): string {
  const ids = [...Object.values(named), ...JSON.stringify(body ?? {}).matchAll(/[0-9a-f-]{36}/g)].map(String);
  return ids
    .reduce((shown, id) => shown.replaceAll(id, 'ID'), text)
    .replaceAll(/req-[0-9a-f-]{36}/g, 'REQUEST');
}

type Verdict = 'fine' | 401 | 403 | 404;

const seesAll: readonly PersonName[] = ['cloud admin', 'system reader', 'system admin'];
const administrators: readonly PersonName[] = ['cloud admin', 'system admin'];
const ofOwnProject: readonly PersonName[] = ['reader', 'member', 'project admin'];

function verdict({ kind, impersonal }: AccessCase, by: PersonName, whose: Whose): Verdict {
  if (by === 'nobody') return 403;
  const isAdmin = administrators.includes(by);
  switch (kind) {
    case 'inspect':
      return seesAll.includes(by) ? 'fine' : 403;
    case 'administer':
      if (!isAdmin) return 403;
      return whose === 'unknown' && impersonal !== true ? 404 : 'fine';
    case 'list':
      // Own: without a project_id. An administrator may ask for any project, and finds nothing in an unknown one.
      return whose === 'own' || seesAll.includes(by) ? 'fine' : 404;
    default:
      return aboutSomething(kind, by, whose);
  }
}

function aboutSomething(kind: AccessCase['kind'], by: PersonName, whose: Whose): Verdict {
  const sees = seesAll.includes(by) || (whose === 'own' && ofOwnProject.includes(by));
  if (!sees || whose === 'unknown') return 404;
  if (kind === 'read' || administrators.includes(by)) return 'fine';
  if (kind === 'govern') return 403;
  return by === 'project admin' || (kind === 'change' && by === 'member') ? 'fine' : 403;
}

test('every operation has its line in the matrix, and no line is left over', () => {
  assert.deepEqual(
    operationsOf()
      .map(({ id }) => id)
      .sort(),
    Object.keys(accessCases).sort(),
  );
});

describe('I7: who may do what to whose', () => {
  test('without a token, and with one that Keystone does not know', async () => {
    for (const operation of operationsOf()) {
      const access = accessCases[operation.id]!;
      const call = await access.call(lab, 'own', undefined);
      for (const token of [undefined, 'revoked']) {
        assert.equal((await send(operation, call, token)).status, 401, `${operation.id} by ${token}`);
      }
    }
  });

  for (const by of Object.keys(people) as PersonName[]) {
    test(by, async () => {
      const wrong: string[] = [];
      for (const operation of operationsOf()) {
        const access = accessCases[operation.id]!;
        const seen: Partial<Record<Whose, Seen>> = {};
        for (const whose of access.impersonal === true ? (['own'] as const) : whoseAll) {
          const answer = await send(operation, await access.call(lab, whose, by), tokenOf(by));
          seen[whose] = answer;
          const expected = verdict(access, by, whose);
          const isRight =
            expected === 'fine' ? answer.status < 300 || answer.status === 409 : answer.status === expected;
          if (!isRight)
            wrong.push(`${operation.id} on ${whose}: ${answer.status}, not ${expected}: ${answer.text}`);
        }
        const { foreign, unknown } = seen;
        if (foreign?.status === 404 && foreign.text !== unknown?.text)
          wrong.push(`${operation.id}: foreign ${foreign.text} but unknown ${unknown?.text ?? ''}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});

const whoseAll = ['own', 'foreign', 'unknown'] as const;

describe('I7: listings', () => {
  test('hold nothing of another project, and markers of other projects are unknown', async () => {
    // Made for nobody's eyes; what is always there was named by others' refused attempts.
    const fresh = Object.values({
      point: await lab.point(foreign),
      job: await lab.job(foreign),
      pending: await lab.pending(foreign, 'somebody'),
      ...(await lab.policy(foreign)),
    });
    const lasting = [lab.cloud.instances[2]!.id, lab.cloud.volumes[1]!.description.id];
    const secrets = [...fresh, ...lasting];
    const listings = operationsOf().filter(({ id }) => accessCases[id]?.kind === 'list');
    assert.ok(listings.length >= 10);
    for (const by of ['reader', 'member', 'project admin', 'stranger'] as const) {
      for (const listing of listings) {
        const response = await fetch(`${lab.service.url}${listing.path}`, {
          headers: { 'x-auth-token': tokenOf(by) },
        });
        const text = await response.text();
        for (const secret of listing.id === 'listAudit' ? fresh : secrets)
          assert.ok(!text.includes(secret), `${listing.id} by ${by} shows ${secret}`);
        assert.ok(!text.includes('secret-host'));
        if (!JSON.stringify(lab.service.api.document.paths![listing.path]).includes('marker')) continue;
        // Their markers are places in an order, whether or not something is there.
        if (['listAudit', 'listProjects', 'listDisks'].includes(listing.id)) continue;
        const texts = await Promise.all(
          [...secrets, '00000000-0000-4000-8000-000000000000'].map(async (marker) => {
            const answer = await send(listing, { query: { marker } }, tokenOf(by));
            return `${answer.status} ${answer.text}`;
          }),
        );
        assert.equal(new Set(texts).size, 1, `${listing.id} by ${by}: ${texts.join('\n')}`);
        assert.match(texts[0]!, /^400 .*INPUT_MARKER_UNKNOWN/);
      }
    }
  });
});
