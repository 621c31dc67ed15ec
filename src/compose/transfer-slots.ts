import type { Locks } from '../drivers/catalog/locks.ts';
import type { PoolPlace, Transfers } from '../workflows/run-disks.ts';

export interface TransferLimits {
  /** All transfers of this worker. */
  disks: number;
  /** Those of all workers that read or write images of one pool; undefined sets no limit. */
  disksPerPool: number | undefined;
  /** Those of all workers that read or write the store; undefined sets no limit. */
  disksPerStore: number | undefined;
}

export interface SharedSlots {
  locks: Pick<Locks, 'acquire'>;
  /** Workers with the same store share its slots. */
  storeId: string;
}

type Release = () => Promise<void>;

interface Waiter {
  at: PoolPlace | undefined;
  isGone: boolean;
  begin: (release: Release) => void;
}

/** How often a slot that another worker holds is asked for again. Nobody tells when it is free. */
const pollMs = 1_000;

/**
 * The limit of the worker is counted here; those of pools and stores hold over all workers, as so many locks of the
 * database: a killed worker frees its own at once. A transfer takes all its slots or none, so that none waits for one
 * that another holds who waits in turn, and whoever waits for a busy pool holds nothing that another pool's disk could use.
 */
export class TransferSlots implements Transfers {
  readonly #limits: TransferLimits;
  readonly #shared: SharedSlots;
  readonly #waiting: Waiter[] = [];
  #running = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: TransferLimits, shared: SharedSlots) {
    this.#limits = limits;
    this.#shared = shared;
  }

  async add<T>(task: () => Promise<T>, at?: PoolPlace, signal?: AbortSignal): Promise<T> {
    const release = await this.#slot(at, signal);
    try {
      return await task();
    } finally {
      await release();
      this.#look();
    }
  }

  #slot(at: PoolPlace | undefined, signal: AbortSignal | undefined): Promise<Release> {
    const { promise, resolve, reject } = Promise.withResolvers<Release>();
    const leave = (): void => {
      waiter.isGone = true;
      reject(signal?.reason as Error);
    };
    const waiter: Waiter = {
      at,
      isGone: false,
      begin: (release) => {
        signal?.removeEventListener('abort', leave);
        resolve(release);
      },
    };
    if (signal?.aborted === true) leave();
    else {
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.#look();
    }
    return promise;
  }

  /** One look at a time; what happens meanwhile is looked at by the next. */
  #look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#serve().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) this.#look();
    });
  }

  async #serve(): Promise<void> {
    this.#lookAgain = false;
    clearTimeout(this.#timer);
    const busy = new Set<string>();
    for (const waiter of [...this.#waiting]) {
      if (this.#running >= this.#limits.disks) break;
      const release = waiter.isGone ? undefined : await this.#take(waiter.at, busy);
      // It may have left while the database was asked.
      if (!waiter.isGone && release === undefined) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      if (waiter.isGone) await release?.();
      else if (release !== undefined) waiter.begin(release);
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#look(), pollMs).unref();
  }

  /** All slots or none. `busy` are the names that had none free in this look: they are not asked for again in it. */
  async #take(at: PoolPlace | undefined, busy: Set<string>): Promise<Release | undefined> {
    this.#running += 1;
    const held: Release[] = [];
    const release = async (): Promise<void> => {
      this.#running -= 1;
      for (const giveBack of held.toReversed()) await giveBack();
    };
    for (const [name, limit] of this.#sharedSlots(at)) {
      const slot = busy.has(name) ? undefined : await this.#lock(name, limit);
      if (slot === undefined) {
        busy.add(name);
        await release();
        return undefined;
      }
      held.push(slot);
    }
    return release;
  }

  #sharedSlots(at: PoolPlace | undefined): [string, number][] {
    const { disksPerPool, disksPerStore } = this.#limits;
    const slots: [string, number][] = [];
    if (at !== undefined && disksPerPool !== undefined)
      slots.push([`slot:pool:${at.cluster}:${at.pool}`, disksPerPool]);
    if (disksPerStore !== undefined) slots.push([`slot:store:${this.#shared.storeId}`, disksPerStore]);
    return slots;
  }

  /** A database that does not answer has no slot now; the job itself notices that its own locks are lost. */
  async #lock(name: string, limit: number): Promise<Release | undefined> {
    for (let place = 0; place < limit; place += 1) {
      const lock = await this.#shared.locks.acquire(`${name}:${place}`).catch(() => undefined);
      if (lock !== undefined) return () => lock.release();
    }
    return undefined;
  }
}
