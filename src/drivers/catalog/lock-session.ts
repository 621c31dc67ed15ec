import pg from 'pg';
import { AppError } from '../../base/errors.ts';
import { clientConfig, type DatabaseSettings } from './connect.ts';

/**
 * This side finds out about a dead network within two of these, and gives up its locks. PostgreSQL is told to wait
 * longer (`serverPatience`) before it hands them to somebody else, so that nobody works meanwhile.
 */
const heartbeatMs = 5_000;
const serverPatience = `
  set tcp_keepalives_idle = 10;
  set tcp_keepalives_interval = 5;
  set tcp_keepalives_count = 3;
  set tcp_user_timeout = 25000;
`;
const key = `hashtextextended('emberkeep:lock:' || $1, 0)`;

/** One connection that holds locks, and what becomes of them when it ends. */
export class LockSession {
  readonly #client: pg.Client;
  readonly #held = new Map<string, AbortController>();
  readonly #heartbeat: NodeJS.Timeout;
  // One statement at a time, in the order of the calls.
  #turn: Promise<unknown> = Promise.resolve();
  #lost = false;

  private constructor(client: pg.Client) {
    this.#client = client;
    client.on('error', (error) => this.#lose(error));
    client.on('end', () => this.#lose(new Error('Connection ended')));
    this.#heartbeat = setInterval(() => {
      this.#query('select 1', []).catch(() => undefined);
    }, heartbeatMs).unref();
  }

  static async open(settings: DatabaseSettings): Promise<LockSession> {
    const client = new pg.Client({
      ...clientConfig({ applicationName: 'emberkeep-locks', ...settings }),
      query_timeout: heartbeatMs,
    });
    const session = new LockSession(client);
    try {
      await client.connect();
      await client.query(serverPatience);
    } catch (error) {
      session.#lose(error);
      throw error;
    }
    return session;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /** The signal of a lock that is now held; undefined when somebody holds it, be it this session itself. */
  async acquire(name: string): Promise<AbortSignal | undefined> {
    // PostgreSQL would give it to its own holder a second time.
    if (this.#held.has(name)) return undefined;
    const controller = new AbortController();
    this.#held.set(name, controller);
    const got = await this.#query(`select pg_try_advisory_lock(${key}) as got`, [name]);
    if (got) return controller.signal;
    this.#held.delete(name);
    return undefined;
  }

  async release(name: string, signal: AbortSignal): Promise<void> {
    if (this.#held.get(name)?.signal !== signal) return;
    // A failure ends the session, and with it the lock: either way it is released.
    await this.#query(`select pg_advisory_unlock(${key}) as got`, [name]).catch(() => undefined);
    this.#held.delete(name);
  }

  async close(): Promise<void> {
    this.#lose(new Error('closed'));
    await this.#client.end().catch(() => undefined);
  }

  /** After a failure nobody knows what the session holds, so it is given up. */
  #query(text: string, values: string[]): Promise<boolean> {
    const run = this.#turn.then(async () => {
      try {
        const { rows } = await this.#client.query<{ got?: boolean }>(text, values);
        return rows[0]?.got === true;
      } catch (error) {
        this.#lose(error);
        throw error;
      }
    });
    this.#turn = run.catch(() => undefined);
    return run;
  }

  #lose(cause: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    clearInterval(this.#heartbeat);
    const error = new AppError('CATALOG_LOCK_LOST', 'The database connection that held the locks broke.', {
      cause,
      retryable: true,
    });
    for (const controller of this.#held.values()) controller.abort(error);
    this.#held.clear();
    // Closed from this side too: a session that only seems dead would keep the locks from everybody.
    this.#client.end().catch(() => undefined);
  }
}
