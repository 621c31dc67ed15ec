import PQueue from 'p-queue';
import type { Locks } from '../drivers/catalog/locks.ts';
import type { PoolPlace, Transfers } from '../workflows/run-disks.ts';

/** A store's own id and limit. */
export interface StoreLimit {
  storeId: string;
  /** Transfers of all workers that read or write it; undefined sets no limit. */
  disks: number | undefined;
}

export interface TransferLimits {
  /** All transfers of this worker. */
  disks: number;
  /** Those of all workers that read or write images of one pool; undefined sets no limit. */
  disksPerPool: number | undefined;
}

export interface SharedSlots {
  locks: Pick<Locks, 'acquire'>;
}

type Release = () => Promise<void>;
/** Name and how many there are. */
type Slot = [string, number];

/** How often a slot that another worker holds is asked for again. Nobody tells when it is free. */
const pollMs = 1_000;
const busy = Symbol('no slot is free');

/**
 * The limit of the worker is a queue's; those of pools and stores hold over all workers, as so many locks of the database:
 * a killed worker frees its own at once. A transfer takes all its slots or none, and gives its place in the queue up when
 * there is none, so that whoever waits for a busy pool holds nothing that another pool's disk could use.
 */
export class TransferSlots {
  readonly #limits: TransferLimits;
  readonly #shared: SharedSlots;
  readonly #worker: PQueue;
  /** Slots that this worker holds, by name: when it has them all, the database need not be asked. */
  readonly #held = new Map<string, number>();
  readonly #wakers = new Set<() => void>();
  /** Grows with every slot that is given back, so that nobody waits for one that was free meanwhile. */
  #givenBack = 0;

  constructor(limits: TransferLimits, shared: SharedSlots) {
    this.#limits = limits;
    this.#shared = shared;
    this.#worker = new PQueue({ concurrency: limits.disks });
  }

  /** Of what reads or writes this store; workers with the same one share its slots. */
  of(store: StoreLimit): Transfers {
    return { add: (task, at, signal) => this.#add(task, this.#sharedSlots(at, store), signal) };
  }

  async #add<T>(task: () => Promise<T>, shared: readonly Slot[], signal?: AbortSignal): Promise<T> {
    for (;;) {
      const before = this.#givenBack;
      const outcome = await this.#attempt(task, shared, signal);
      if (outcome !== busy) return outcome.value;
      await this.#untilGivenBack(before, signal);
    }
  }

  /** Ends at once when it is called off in the queue; a task that runs ends itself. */
  async #attempt<T>(
    task: () => Promise<T>,
    shared: readonly Slot[],
    signal: AbortSignal | undefined,
  ): Promise<{ value: T } | typeof busy> {
    const queued = new AbortController();
    const leave = (): void => queued.abort(signal?.reason);
    if (signal?.aborted === true) throw signal.reason as Error;
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await this.#worker.add(
        async () => {
          const release = await this.#take(shared);
          signal?.removeEventListener('abort', leave);
          if (release === undefined) return busy;
          try {
            // Called off while the database was asked: nobody waits for the outcome any more.
            return signal?.aborted === true ? busy : { value: await task() };
          } finally {
            await release();
          }
        },
        { signal: queued.signal },
      );
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  async #take(shared: readonly Slot[]): Promise<Release | undefined> {
    const held: Release[] = [];
    const release = async (): Promise<void> => {
      for (const giveBack of held.toReversed()) await giveBack();
      this.#givenBack += 1;
      for (const wake of this.#wakers) wake();
    };
    for (const [name, limit] of shared) {
      const slot = await this.#lock(name, limit);
      if (slot === undefined) {
        for (const giveBack of held.toReversed()) await giveBack();
        return undefined;
      }
      held.push(slot);
    }
    return release;
  }

  #sharedSlots(at: PoolPlace | undefined, { storeId, disks }: StoreLimit): Slot[] {
    const { disksPerPool } = this.#limits;
    const slots: Slot[] = [];
    if (at !== undefined && disksPerPool !== undefined)
      slots.push([`slot:pool:${at.cluster}:${at.pool}`, disksPerPool]);
    if (disks !== undefined) slots.push([`slot:store:${storeId}`, disks]);
    return slots;
  }

  /** A database that does not answer has no slot now; the job itself notices that its own locks are lost. */
  async #lock(name: string, limit: number): Promise<Release | undefined> {
    const count = (): number => this.#held.get(name) ?? 0;
    if (count() >= limit) return undefined;
    for (let place = 0; place < limit; place += 1) {
      const lock = await this.#shared.locks.acquire(`${name}:${place}`).catch(() => undefined);
      if (lock === undefined) continue;
      this.#held.set(name, count() + 1);
      return async () => {
        this.#held.set(name, count() - 1);
        await lock.release();
      };
    }
    return undefined;
  }

  /** Until this worker gave a slot back since `before`, or another one may have. */
  #untilGivenBack(before: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const end = (): void => resolve(undefined);
    const leave = (): void => reject(signal?.reason as Error);
    const timer = setTimeout(end, pollMs).unref();
    this.#wakers.add(end);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
    if (this.#givenBack !== before) end();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#wakers.delete(end);
      signal?.removeEventListener('abort', leave);
    });
  }
}
