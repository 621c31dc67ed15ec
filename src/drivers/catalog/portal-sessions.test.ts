import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import type { NewPortalSession, PortalSessionStatements } from './portal-sessions.ts';

let database: CatalogDatabase;
let sessions: PortalSessionStatements;
before(async () => {
  database = await openCatalogDatabase();
  sessions = database.catalog.portalSessions;
});
after(() => database.close());

function inMinutes(minutes: number): Date {
  return new Date(Date.now() + minutes * 60_000);
}

async function made(userId: string, expiresAt = inMinutes(60), most = 10): Promise<NewPortalSession> {
  const session = { id: randomBytes(32), userId, sealed: randomBytes(100), expiresAt };
  await sessions.insert(session, most);
  return session;
}

async function lastUsed(id: Buffer, minutesAgo: number): Promise<void> {
  await database
    .sql('emberkeep.portal_sessions')
    .where({ id })
    .update({ last_used_at: inMinutes(-minutesAgo) });
}

test('it is found until it expires or was idle for too long, and a use ends the idling', async () => {
  const { id, sealed, expiresAt } = await made('u-1');
  assert.deepEqual(await sessions.use(id, 30), { sealed, expiresAt });
  await lastUsed(id, 29);
  assert.ok(await sessions.use(id, 30));
  await lastUsed(id, 31);
  assert.equal(await sessions.use(id, 30), undefined);
  assert.equal(await sessions.use(id, 30), undefined, 'a late use does not bring it back');
  await lastUsed(id, 29);
  await sessions.use(id, 30);
  const [row] = await database
    .sql('emberkeep.portal_sessions')
    .where({ id })
    .select<{ last_used_at: Date }[]>('last_used_at');
  assert.ok(row!.last_used_at > inMinutes(-1));
  assert.equal(await sessions.use((await made('u-1', inMinutes(-1))).id, 30), undefined);
  assert.equal(await sessions.use(randomBytes(32), 30), undefined);
});

test('of two changes at once one is done, and what was changed is not ended for what it was before', async () => {
  const { id, sealed, expiresAt } = await made('u-2');
  const changed = randomBytes(50);
  const answers = await Promise.all([
    sessions.replace(id, sealed, { sealed: changed, expiresAt }),
    sessions.replace(id, sealed, { sealed: changed, expiresAt }),
  ]);
  assert.deepEqual(answers.toSorted(), [false, true]);
  assert.equal(await sessions.end(id, sealed), false);
  assert.equal(await sessions.end(id, changed), true);
  assert.equal(await sessions.end(id, changed), false);
});

test('a user has so many sessions at most: those used last stay', async () => {
  const [first, second, third] = [await made('u-3'), await made('u-3'), await made('u-3')];
  const others = await made('u-4');
  for (const [session, minutes] of [
    [first, 1],
    [second, 3],
    [third, 2],
  ] as const)
    await lastUsed(session.id, minutes);
  const newest = await made('u-3', inMinutes(60), 3);
  const left = await Promise.all(
    [first, second, third, newest, others].map(async ({ id }) => (await sessions.use(id, 60)) !== undefined),
  );
  assert.deepEqual(left, [true, false, true, true, true]);
});

test('what is over is swept away', async () => {
  const [expired, idle, alive] = [await made('u-5', inMinutes(-1)), await made('u-5'), await made('u-5')];
  await lastUsed(idle.id, 61);
  await sessions.sweep(60);
  const rows = await database
    .sql('emberkeep.portal_sessions')
    .where('user_id', 'u-5')
    .select<{ id: Buffer }[]>('id');
  assert.deepEqual(
    rows.map(({ id }) => id.toString('hex')),
    [alive.id.toString('hex')],
    expired.id.toString('hex'),
  );
});
