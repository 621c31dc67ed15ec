/** Who is signed in to the portal: docs/adr/0032-portal-sessions.md. Every instant is by the database's clock. */
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';

const table = 'emberkeep.portal_sessions';

/** How old `last_used_at` may be before a use writes it again: not every request is a write. */
const useNotedAfterSeconds = 60;

export interface NewPortalSession {
  /** SHA-256 of the cookie, 32 bytes. */
  id: Buffer;
  userId: string;
  /** What the session holds, encrypted; the catalog cannot read it. */
  sealed: Buffer;
  expiresAt: Date;
}

export type PortalSessionRow = Pick<NewPortalSession, 'sealed' | 'expiresAt'>;

/** Documented where each is written, below. */
export interface PortalSessionStatements {
  insert(session: NewPortalSession, mostOfUser: number): Promise<void>;
  use(id: Buffer, idleMinutes: number): Promise<PortalSessionRow | undefined>;
  replace(id: Buffer, before: Buffer, session: PortalSessionRow): Promise<boolean>;
  end(id: Buffer, sealed: Buffer): Promise<boolean>;
  sweep(idleMinutes: number): Promise<number>;
}

export function bindPortalSessions(sql: Sql): PortalSessionStatements {
  return {
    insert: (session, mostOfUser) => mapped(() => insertSession(sql, session, mostOfUser)),
    use: (id, idleMinutes) => mapped(() => useSession(sql, id, idleMinutes)),
    replace: (id, before, session) => mapped(() => replaceSession(sql, id, before, session)),
    end: (id, sealed) => mapped(() => endSession(sql, id, sealed)),
    sweep: (idleMinutes) => mapped(() => sweepSessions(sql, idleMinutes)),
  };
}

/** Of a user's sessions those used last stay, this one among them. */
async function insertSession(
  sql: Sql,
  { id, userId, sealed, expiresAt }: NewPortalSession,
  mostOfUser: number,
): Promise<void> {
  const others = sql(table)
    .select('id')
    .where('user_id', userId)
    .orderBy('last_used_at', 'desc')
    .limit(mostOfUser - 1);
  await sql(table).where('user_id', userId).whereNotIn('id', others).delete();
  await sql(table).insert({ id, user_id: userId, sealed, expires_at: expiresAt });
}

/** The session, if it has neither expired nor been idle for longer than that; notes that it was used. */
async function useSession(sql: Sql, id: Buffer, idleMinutes: number): Promise<PortalSessionRow | undefined> {
  const row = await sql(table)
    .where({ id })
    .whereRaw('expires_at > now()')
    .whereRaw('last_used_at > now() - make_interval(mins => ?)', [idleMinutes])
    .first<UsedRecord | undefined>(
      'sealed',
      'expires_at',
      sql.raw('last_used_at < now() - make_interval(secs => ?) as stale', [useNotedAfterSeconds]),
    );
  if (row === undefined) return undefined;
  if (row.stale) await sql(table).where({ id }).update({ last_used_at: sql.fn.now() });
  return { sealed: row.sealed, expiresAt: row.expires_at };
}

interface UsedRecord {
  sealed: Buffer;
  expires_at: Date;
  stale: boolean;
}

/** @returns false when it is no longer as it was before: another request changed or ended it. */
async function replaceSession(
  sql: Sql,
  id: Buffer,
  before: Buffer,
  { sealed, expiresAt }: PortalSessionRow,
): Promise<boolean> {
  const changed = await sql(table)
    .where({ id, sealed: before })
    .update({ sealed, expires_at: expiresAt, last_used_at: sql.fn.now() });
  return changed > 0;
}

/** @returns false when it is no longer so. */
async function endSession(sql: Sql, id: Buffer, sealed: Buffer): Promise<boolean> {
  return (await sql(table).where({ id, sealed }).delete()) > 0;
}

/** Removes those that can never be used again; @returns how many. */
async function sweepSessions(sql: Sql, idleMinutes: number): Promise<number> {
  return await sql(table)
    .whereRaw('expires_at <= now()')
    .orWhereRaw('last_used_at <= now() - make_interval(mins => ?)', [idleMinutes])
    .delete();
}
