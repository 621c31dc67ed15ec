/** Attempts to sign in to the portal, counted over all replicas as a leaking bucket each. Every instant is by the database's clock. */
import { createHash } from 'node:crypto';
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';

const table = 'emberkeep.sign_in_attempts';

export interface AttemptLimit {
  /** Attempts that drain away each second. */
  perSecond: number;
  /** Attempts that count at once, at most. */
  burst: number;
}

/** Documented where each is written, below. */
export interface SignInAttemptStatements {
  take(key: string, limit: AttemptLimit): Promise<number>;
  giveBack(key: string): Promise<void>;
  sweep(olderThanSeconds: number): Promise<number>;
}

export function bindSignInAttempts(sql: Sql): SignInAttemptStatements {
  return {
    take: (key, limit) => mapped(() => takeAttempt(sql, key, limit)),
    giveBack: (key) => mapped(() => giveBackAttempt(sql, key)),
    sweep: (olderThanSeconds) => mapped(() => sweepAttempts(sql, olderThanSeconds)),
  };
}

/**
 * Counts one attempt, in one statement, so that many at once on several replicas are each seen by the next.
 *
 * @returns seconds until it would have been allowed; 0 when it is. Whoever is refused must give it back.
 */
async function takeAttempt(sql: Sql, key: string, { perSecond, burst }: AttemptLimit): Promise<number> {
  const { rows } = await sql.raw<{ rows: { level: number }[] }>(
    `insert into ${table} as known (id, level) values (?, 1)
     on conflict (id) do update set
       level = greatest(0, known.level - ? * greatest(0, extract(epoch from clock_timestamp() - known.at))) + 1,
       at = clock_timestamp()
     returning level`,
    [idOf(key), perSecond],
  );
  const level = rows[0]?.level ?? 1;
  return Math.max(0, (level - burst) / perSecond);
}

async function giveBackAttempt(sql: Sql, key: string): Promise<void> {
  await sql(table)
    .where('id', idOf(key))
    .update({ level: sql.raw('greatest(0, level - 1)') });
}

/** Removes what nobody has tried for so long, which must be long enough for any bucket to drain; @returns how many. */
async function sweepAttempts(sql: Sql, olderThanSeconds: number): Promise<number> {
  return await sql(table).whereRaw('at < now() - make_interval(secs => ?)', [olderThanSeconds]).delete();
}

function idOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
