import type { DatabaseSettings } from './connect.ts';
import { mapped } from './errors.ts';
import { LockSession } from './lock-session.ts';

export interface Lock {
  readonly name: string;
  /** Aborted with CATALOG_LOCK_LOST when the lock can no longer be relied on: stop working at once (I9). */
  readonly signal: AbortSignal;
  /** Safe to repeat, and after the lock was lost. */
  release(): Promise<void>;
}

/**
 * Locks that hold over the whole cluster of workers, so that two never work on the same disk (I9). They are
 * PostgreSQL's session advisory locks on one connection of this process: a killed process frees them at once, and
 * nothing needs to be cleaned up.
 */
export interface Locks {
  /**
   * Does not wait: undefined when somebody holds it, be it another caller in this process.
   *
   * @throws CATALOG_UNREACHABLE.
   */
  acquire(name: string): Promise<Lock | undefined>;
  /** Gives everything up by closing the connection. */
  close(): Promise<void>;
}

/** The URL must lead to PostgreSQL itself or a pooler in session mode: these locks belong to a session. */
export function createLocks(settings: DatabaseSettings): Locks {
  let current: { session: Promise<LockSession>; isUsable: () => boolean } | undefined;

  /** One session for everybody; a lost one, or one that could not be opened, is replaced for the next caller. */
  function openSession(): Promise<LockSession> {
    if (current?.isUsable() !== true) {
      let usable = true;
      let opened: LockSession | undefined;
      const session = LockSession.open(settings).then(
        (open) => (opened = open),
        (error: unknown) => {
          usable = false;
          throw error;
        },
      );
      current = { session, isUsable: () => usable && opened?.isLost !== true };
    }
    return current.session;
  }

  return {
    acquire: (name) =>
      mapped(async () => {
        const session = await openSession();
        const signal = await session.acquire(name);
        return signal && { name, signal, release: () => session.release(name, signal) };
      }),
    async close() {
      const session = await current?.session.catch(() => undefined);
      current = undefined;
      await session?.close();
    },
  };
}
