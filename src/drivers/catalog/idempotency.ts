/** Answers that are kept for requests which come again with the same key: docs/adr/0028-idempotency.md. */
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';
import { fromColumns, toJson, type Columns } from './rows.ts';
import type { JsonObject } from './types.ts';

const table = 'emberkeep.idempotency_keys';

/** Who used which key; a key means something to its caller only (I7). */
export interface KeyOwner {
  caller: string;
  key: string;
}

export interface KeptRequest extends KeyOwner {
  /** Of method, path and body. */
  fingerprint: string;
  /** Of the first request with this key. */
  requestId: string;
  status: number | undefined;
  answer: JsonObject | undefined;
  createdAt: Date;
}

/** Documented where each is written, below. */
export interface IdempotencyStatements {
  begin(request: KeyOwner & { fingerprint: string; requestId: string }): Promise<KeptRequest | undefined>;
  finish(owner: KeyOwner, status: number, answer: JsonObject): Promise<void>;
  release(owner: KeyOwner): Promise<void>;
}

export function bindIdempotency(sql: Sql): IdempotencyStatements {
  return {
    begin: (request) => mapped(() => beginRequest(sql, request)),
    finish: (owner, status, answer) => mapped(() => finishRequest(sql, owner, status, answer)),
    release: (owner) => mapped(() => releaseRequest(sql, owner)),
  };
}

/** Takes the key for a request, and forgets those that are older than a day. @returns who has it already. */
async function beginRequest(
  sql: Sql,
  { caller, key, fingerprint, requestId }: KeyOwner & { fingerprint: string; requestId: string },
): Promise<KeptRequest | undefined> {
  await sql(table).whereRaw(`created_at < now() - interval '1 day'`).delete();
  const taken = await sql(table)
    .insert({ caller, key, fingerprint, request_id: requestId })
    .onConflict(['caller', 'key'])
    .ignore()
    .returning<{ key: string }[]>('key');
  if (taken.length > 0) return undefined;
  const row = (await sql(table).where({ caller, key }).first()) as Columns<KeptRequest> | undefined;
  // Let go since: whoever had it failed, and this one is the first again.
  return row === undefined
    ? await beginRequest(sql, { caller, key, fingerprint, requestId })
    : fromColumns<KeptRequest>(row);
}

async function finishRequest(
  sql: Sql,
  { caller, key }: KeyOwner,
  status: number,
  answer: JsonObject,
): Promise<void> {
  await sql(table)
    .where({ caller, key })
    .update({ status, answer: toJson(answer) });
}

/** The request came to nothing, so that the same key may be used again. */
async function releaseRequest(sql: Sql, { caller, key }: KeyOwner): Promise<void> {
  await sql(table).where({ caller, key }).whereNull('answer').delete();
}
