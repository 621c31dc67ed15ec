import PQueue from 'p-queue';
import type { PoolPlace, Transfers } from '../workflows/run-disks.ts';

export interface TransferLimits {
  /** All transfers of this worker. */
  disks: number;
  /** Those that read or write images of one pool; undefined sets no limit. */
  disksPerPool: number | undefined;
  /** Those that read or write the store; undefined sets no limit. */
  disksPerStore: number | undefined;
}

/**
 * Slots are taken from the narrowest to the widest, always in this order, so that none waits for one that another holds
 * who waits in turn; and whoever waits for a busy pool holds no slot of the worker that another pool's disk could use.
 */
export class TransferSlots implements Transfers {
  readonly #limits: TransferLimits;
  readonly #worker: PQueue;
  readonly #store: PQueue;
  readonly #pools = new Map<string, PQueue>();

  constructor(limits: TransferLimits) {
    this.#limits = limits;
    this.#worker = new PQueue({ concurrency: limits.disks });
    this.#store = new PQueue({ concurrency: limits.disksPerStore ?? limits.disks });
  }

  async add<T>(task: () => Promise<T>, at?: PoolPlace): Promise<T> {
    const inStore = (): Promise<T> => this.#store.add(() => this.#worker.add(task));
    return at === undefined ? await inStore() : await this.#poolOf(at).add(inStore);
  }

  #poolOf({ cluster, pool }: PoolPlace): PQueue {
    const key = `${cluster}:${pool}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const queue = new PQueue({ concurrency: this.#limits.disksPerPool ?? this.#limits.disks });
    this.#pools.set(key, queue);
    return queue;
  }
}
