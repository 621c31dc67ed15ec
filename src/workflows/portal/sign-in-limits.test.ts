import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { openCatalogDatabase, type CatalogDatabase } from '../../../test/support/catalog-database.ts';
import { networkOf, takeAttempt } from './sign-in-limits.ts';

let database: CatalogDatabase;
before(async () => {
  database = await openCatalogDatabase();
});
beforeEach(() => database.sql('emberkeep.sign_in_attempts').delete());
after(() => database.close());

const tooMany = { code: 'LIMIT_SIGN_IN' };

function take(address: string, user: string): Promise<() => Promise<void>> {
  return takeAttempt(database.catalog.signInAttempts, address, user);
}

/** As if so long had passed. */
async function pass(seconds: number): Promise<void> {
  await database
    .sql('emberkeep.sign_in_attempts')
    .update({ at: database.sql.raw('at - make_interval(secs => ?)', [seconds]) });
}

test('ten wrong passwords for one user, wherever they come from; then one in 15 s', async () => {
  for (let i = 0; i < 10; i += 1) await take(`10.0.0.${i}`, 'default/admin');
  for (let i = 0; i < 20; i += 1) await assert.rejects(take(`10.0.1.${i}`, 'default/admin'), tooMany);
  await take('10.0.0.1', 'default/other');
  await pass(15);
  await take('10.0.2.1', 'default/admin');
  await assert.rejects(take('10.0.2.1', 'default/admin'), tooMany);
});

test('who is refused is told how long to wait, and then need not wait longer', async () => {
  for (let i = 0; i < 10; i += 1) await take(`10.0.0.${i}`, 'default/admin');
  const refusal: unknown = await take('10.0.1.1', 'default/admin').catch((error: unknown) => error);
  const { retryAfterSeconds } = (refusal as { details: { retryAfterSeconds: number } }).details;
  assert.ok(retryAfterSeconds > 0 && retryAfterSeconds <= 15, String(retryAfterSeconds));
  await pass(retryAfterSeconds);
  await take('10.0.1.1', 'default/admin');
});

test('twenty from one address, whoever is guessed at', async () => {
  for (let i = 0; i < 20; i += 1) await take('10.0.0.1', `default/user-${i}`);
  await assert.rejects(take('10.0.0.1', 'default/user-20'), tooMany);
  await take('10.0.0.2', 'default/user-20');
  await pass(5);
  await take('10.0.0.1', 'default/user-21');
});

test('an attempt that succeeds costs nothing', async () => {
  for (let i = 0; i < 30; i += 1) {
    const giveBack = await take('10.0.0.1', 'default/admin');
    await giveBack();
  }
  for (let i = 0; i < 10; i += 1) await take('10.0.0.1', 'default/admin');
  await assert.rejects(take('10.0.0.1', 'default/admin'), tooMany);
});

test('of thirty at once ten are made', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) => take(`10.0.0.${i}`, 'default/admin')),
  );
  const made = answers.filter(({ status }) => status === 'fulfilled').length;
  // Those that are refused at the same time as others are still counted may make a few more wait, never fewer.
  assert.ok(made > 0 && made <= 10, String(made));
});

test('what nobody tries any more is forgotten, and neither names nor addresses are kept', async () => {
  await take('192.0.2.77', 'default/a-password-typed-as-a-name');
  const rows = JSON.stringify(await database.sql('emberkeep.sign_in_attempts').select('*'));
  assert.doesNotMatch(rows, /192\.0\.2\.77|a-password/);
  assert.equal(await database.catalog.signInAttempts.sweep(3600), 0);
  await pass(3601);
  assert.equal(await database.catalog.signInAttempts.sweep(3600), 2);
});

test('an address of IPv6 counts with its /64', () => {
  assert.equal(networkOf('2001:db8::1'), networkOf('2001:DB8:0:0:ffff::2'));
  assert.notEqual(networkOf('2001:db8::1'), networkOf('2001:db8:0:1::1'));
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2');
  assert.equal(networkOf('::1'), '0:0:0:0');
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
});
