import { AppError, type ErrorCode } from '../../base/errors.ts';

interface Meaning {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

const unreachable: Meaning = {
  code: 'CATALOG_UNREACHABLE',
  message: 'The database does not answer: check that PostgreSQL runs and that the database URL is right.',
  retryable: true,
};
const refused: Meaning = {
  code: 'CATALOG_LOGIN_REFUSED',
  message:
    'The database refuses the login: check the user in database.url, and the password there or in database.password_file.',
  retryable: false,
};
const busy: Meaning = {
  code: 'CATALOG_BUSY',
  message: 'Another transaction was in the way: try again.',
  retryable: true,
};
const noSchema: Meaning = {
  code: 'CATALOG_SCHEMA_OLDER',
  message: 'The database lacks tables of this version: run `emberkeep catalog migrate`, which makes them.',
  retryable: false,
};

/** By SQLSTATE (PostgreSQL manual, appendix A) or the code of a socket error. */
const meanings: Record<string, Meaning> = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ENOENT: unreachable,
  EPIPE: unreachable,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  '57P01': unreachable,
  '57P02': unreachable,
  '57P03': unreachable,
  '53300': { ...unreachable, message: 'The database has no free connection: raise max_connections.' },
  '25P03': unreachable,
  '28000': refused,
  '28P01': refused,
  '3D000': {
    code: 'CATALOG_NO_DATABASE',
    message: 'The database named in the database URL does not exist: create it with `createdb`.',
    retryable: false,
  },
  '40001': busy,
  '40P01': busy,
  '55P03': busy,
  '57014': { code: 'CATALOG_TIMEOUT', message: 'The database took too long to answer.', retryable: true },
  '42P01': noSchema,
  '3F000': noSchema,
  // Nothing of ours is refused so by tables of its own version: `on conflict` finds its constraint there.
  '42P10': {
    code: 'CATALOG_SCHEMA_NEWER',
    message:
      'A newer Emberkeep migrated the database while this process ran, and changed what it needs: upgrade this one and start it again.',
    retryable: false,
  },
  '42703': noSchema,
  '53100': {
    code: 'CATALOG_DISK_FULL',
    message: "The database's disk is full: make room.",
    retryable: false,
  },
  // Text with NUL, which no name has; the schemas of the API refuse it first.
  '22021': {
    code: 'INPUT_TEXT',
    message: 'There is a character in the text that cannot be kept (such as NUL): take it out.',
    retryable: false,
  },
  '23505': { code: 'CONFLICT_DUPLICATE', message: 'This already exists.', retryable: false },
};

/** pg throws these without a code: the server asks for a password, and none was given. */
const noPassword = /client password must be a (?:non-empty )?string/;

/** pg and knex throw these without a code when a connection is lost or cannot be had in time. */
const lostConnection =
  /Connection terminated|Connection ended|timeout expired|timeout exceeded|Timeout acquiring a connection|Unable to acquire a connection|not queryable|Query read timeout|server closed/i;

/**
 * What pg or knex threw, as an AppError of the CATALOG family; anything else (an AppError, the caller's own error in
 * a transaction) stays as it is. Says whether the same statement may work later (`retryable`), and never shows values
 * that the statement carried (I10).
 */
export function toCatalogError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const { code: sqlState, constraint, table } = databaseError(error);
  const meaning = meaningOf(sqlState, error.message);
  if (typeof sqlState !== 'string' && meaning === undefined) return error;
  return new AppError(
    meaning?.code ?? 'CATALOG_STATEMENT_FAILED',
    meaning?.message ?? `A database statement failed (SQLSTATE ${sqlState ?? ''}): see the cause in the log.`,
    { cause: error, retryable: meaning?.retryable ?? false, details: { sqlState, constraint, table } },
  );
}

function meaningOf(sqlState: string | undefined, message: string): Meaning | undefined {
  if (sqlState === undefined) {
    if (noPassword.test(message)) return refused;
    return lostConnection.test(message) ? unreachable : undefined;
  }
  return meanings[sqlState] ?? (sqlState.startsWith('08') ? unreachable : undefined);
}

interface DatabaseError {
  code?: string;
  constraint?: string;
  table?: string;
}

function databaseError(error: Error): DatabaseError {
  // Connecting to a name with several addresses fails with all of their errors at once.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? (first as DatabaseError) : {};
}

/** Runs something that speaks to the database and maps what it throws. */
export async function mapped<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toCatalogError(error);
  }
}
