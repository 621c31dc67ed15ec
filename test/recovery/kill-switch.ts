/** Ends this process with SIGKILL at one chosen call of a job, as the kernel, an operator or a power cut would. */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { sleep } from '../../src/base/retry.ts';
import type { Drivers } from '../../src/compose.ts';
import { createAttachments } from '../../src/drivers/openstack/attachments.ts';

export interface KillOrder {
  /** Of a job's attempts, the one to die in: 1 is its first, 2 its first resume. */
  attempt: number;
  /** Number of the call, from 1, after the attempt's start. */
  call: number;
  /** Count only calls of this name, such as `rbd.createSnapshot`. */
  name?: string;
  /** Count only calls with an argument that begins so, such as the step that is recorded. */
  argument?: string;
  /** `during` lets the call begin and strikes some milliseconds later. */
  moment: 'before' | 'after' | 'during';
  /** Strike once so many bytes of a link's stream have passed instead. */
  streamBytes?: number;
  /** The programs that the worker started die as well, as they do with its container or service. */
  wholeGroup?: boolean;
}

export interface Trace {
  /** Monotonic clock of the host, milliseconds: the same for all processes. */
  atMs: number;
  pid: number;
  name: string;
  /** Image that the call is about. */
  image: string | undefined;
}

/** These come by the clock or after the job, so they have no number. */
const uncounted = new Set(['jobs.recordProgress', 'jobs.get', 'jobs.unfinished', 'events.since']);
const duringMs = 15;

export class KillSwitch {
  /** Delay before each chunk of a link's stream, so that something can happen in the middle of it. */
  slowChunkMs = 0;
  readonly #tell: (message: WorkerMessage) => void;
  #order: KillOrder | undefined;
  #counting = false;
  #calls = 0;
  #streamedBytes = 0;

  constructor(tell: (message: WorkerMessage) => void) {
    this.#tell = tell;
  }

  arm(order: KillOrder | undefined): void {
    this.#order = order;
    this.#counting = false;
    this.#calls = 0;
    this.#streamedBytes = 0;
  }

  decorate = (drivers: Drivers): Drivers => ({
    ...drivers,
    rbd: this.#wrap('rbd', drivers.rbd),
    stores: {
      ...drivers.stores,
      open: async (name) => this.#wrap('store', await drivers.stores.open(name)),
      ofId: async (storeId) => this.#wrap('store', await drivers.stores.ofId(storeId)),
    },
    catalog: {
      ...drivers.catalog,
      jobs: this.#wrap('jobs', drivers.catalog.jobs),
      events: this.#wrap('events', drivers.catalog.events),
      points: this.#wrap('points', drivers.catalog.points),
      links: this.#wrap('links', drivers.catalog.links),
      expiry: this.#wrap('expiry', drivers.catalog.expiry),
      undo: this.#wrap('undo', drivers.catalog.undo),
    },
    openstack: {
      ...this.#clients(drivers.openstack),
      inProject: (projectId) => ({
        ...drivers.openstack.inProject(projectId),
        ...this.#clients(drivers.openstack.inProject(projectId)),
      }),
    },
  });

  #clients<T extends Pick<Drivers['openstack'], 'nova' | 'cinder' | 'neutron' | 'attachments'>>(
    clients: T,
  ): T {
    const nova = this.#wrap('nova', clients.nova);
    const cinder = this.#wrap('cinder', clients.cinder);
    const neutron = this.#wrap('neutron', clients.neutron);
    // Made anew over the wrapped ones, so that it dies between its own calls too.
    const attachments = createAttachments({ nova, cinder }, { clock: systemClock, sleep });
    return { ...clients, nova, cinder, neutron, attachments: this.#wrap('attachments', attachments) };
  }

  #wrap<T extends object>(group: string, methods: T): T {
    return new Proxy(methods, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        const name = `${group}.${key}`;
        return (...args: unknown[]) =>
          this.#call(name, args, () => Reflect.apply(value, target, this.#watched(name, args)) as unknown);
      },
    });
  }

  #call(name: string, args: unknown[], run: () => unknown): unknown {
    if (uncounted.has(name)) return run();
    const isHit = this.#hits(name, args);
    this.#trace(name, args);
    if (isHit && this.#order?.moment === 'before') this.#strike(name);
    const result = run();
    if (isHit && this.#order?.moment === 'during') setTimeout(() => this.#strike(name), duringMs);
    if (!(result instanceof Promise)) {
      if (isHit && this.#order?.moment === 'after') this.#strike(name);
      const isStream = name === 'store.openLinkStream' || name === 'store.openChainStream';
      return isStream ? this.#stream(result as AsyncIterable<Buffer>) : result;
    }
    return result.then((value: unknown) => {
      if (isHit && this.#order?.moment === 'after') this.#strike(name);
      if (name === 'jobs.start') this.#begin(value as { attempt: number } | undefined);
      if (name === 'jobs.finish') this.#tell({ type: 'finished', calls: this.#calls });
      return value;
    });
  }

  #begin(job: { attempt: number } | undefined): void {
    if (job === undefined || this.#counting) return;
    this.#counting = this.#order === undefined || this.#order.attempt === job.attempt;
    this.#calls = 0;
  }

  #hits(name: string, args: unknown[]): boolean {
    const { name: wanted = name, argument = '' } = this.#order ?? {};
    if (!this.#counting || wanted !== name) return false;
    if (argument !== '' && !args.some((arg) => typeof arg === 'string' && arg.startsWith(argument)))
      return false;
    this.#calls += 1;
    return this.#order?.streamBytes === undefined && this.#calls === this.#order?.call;
  }

  #trace(name: string, args: unknown[]): void {
    const [first] = args;
    const image =
      typeof first === 'object' && first !== null && 'image' in first ? String(first.image) : undefined;
    const atMs = Number(process.hrtime.bigint() / 1_000_000n);
    if (/^(rbd|nova)\./.test(name))
      this.#tell({ type: 'trace', trace: { atMs, pid: process.pid, name, image } });
  }

  #watched(name: string, args: unknown[]): unknown[] {
    if (name !== 'store.writeLink') return args;
    const request = args[0] as { stream: AsyncIterable<Buffer> };
    return [{ ...request, stream: this.#stream(request.stream) }];
  }

  async *#stream(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      this.#streamedBytes += chunk.length;
      this.#tell({ type: 'streaming', bytes: this.#streamedBytes });
      const limitBytes = this.#counting ? this.#order?.streamBytes : undefined;
      if (limitBytes !== undefined && this.#streamedBytes >= limitBytes) this.#strike('stream');
      if (this.#slow > 0) await sleep(this.#slow);
      yield chunk;
    }
  }

  get #slow(): number {
    return this.slowChunkMs;
  }

  #strike(name: string): void {
    // Not by IPC, which a dead process no longer sends.
    writeSync(
      1,
      `killed ${this.#order?.moment ?? ''} call ${this.#calls}: ${[name, this.#order?.argument].join(' ').trim()}\n`,
    );
    process.kill(this.#order?.wholeGroup === true ? 0 : process.pid, 'SIGKILL');
  }
}

/** What the worker tells its test. */
export type WorkerMessage =
  | { type: 'loaded' }
  | { type: 'started' }
  | { type: 'armed' }
  | { type: 'failed'; message: string }
  | { type: 'finished'; calls: number }
  | { type: 'streaming'; bytes: number }
  | { type: 'trace'; trace: Trace };
