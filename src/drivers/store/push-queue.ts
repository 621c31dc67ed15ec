/**
 * Hands items from a producer that awaits `push` to one consumer that iterates; at most `capacity` items wait.
 * Either side can end the other: `fail` makes the iteration throw, `close` makes every push reject.
 */
export class PushQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;
  #closed: { error: unknown } | undefined;
  #wake: (() => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async push(item: T): Promise<void> {
    while (this.#items.length >= this.#capacity && this.#closed === undefined) await this.#change();
    if (this.#closed !== undefined) throw this.#closed.error;
    this.#items.push(item);
    this.#changed();
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#changed();
  }

  close(error: unknown): void {
    this.#closed = { error };
    this.#changed();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#changed();
        yield item;
      } else if (this.#ended) {
        return;
      } else {
        await this.#change();
      }
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
