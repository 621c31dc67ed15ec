/** Whether what the service stands on answers, asked as rarely as it may be. */
import { sleep } from './retry.ts';

export interface HealthCheck {
  name: string;
  /** Without it this replica can serve nothing, while another one perhaps can. */
  isEssential: boolean;
  /** Rejects when it does not work. The signal is aborted when nobody waits for the answer any more. */
  run: (signal: AbortSignal) => Promise<unknown>;
}

export interface CheckResult {
  name: string;
  ok: boolean;
}

export interface Readiness {
  ready: boolean;
  /** What was looked at; shown without a token, so names only (I7, I10). */
  checks: CheckResult[];
}

export interface Health {
  /** Whether requests may be sent here: what is essential works, and the service is not about to end. */
  ready: () => Promise<Readiness>;
  /** Whether everything works. */
  healthy: () => Promise<Readiness>;
  /** From now on it is not ready. */
  drain: () => void;
}

export interface HealthOptions {
  checks: readonly HealthCheck[];
  /** How long an answer may take, and how long it is believed, milliseconds. */
  timeoutMs: number;
  cacheMs: number;
  now: () => number;
}

interface Answer {
  ok: boolean;
  untilMs: number;
}

export function createHealth({ checks, timeoutMs, cacheMs, now }: HealthOptions): Health {
  const answers = new Map<string, Answer>();
  const asking = new Map<string, Promise<boolean>>();
  let isDraining = false;

  /** One question at a time: one that hangs is not asked again while it does. */
  function ask({ name, run }: HealthCheck): Promise<boolean> {
    const running = asking.get(name);
    if (running !== undefined) return running;
    const asked = run(AbortSignal.timeout(timeoutMs))
      .then(
        () => true,
        () => false,
      )
      .then((ok) => {
        answers.set(name, { ok, untilMs: now() + cacheMs });
        asking.delete(name);
        return ok;
      });
    asking.set(name, asked);
    return asked;
  }

  async function look(check: HealthCheck): Promise<CheckResult> {
    const known = answers.get(check.name);
    if (known !== undefined && known.untilMs > now()) return { name: check.name, ok: known.ok };
    const stop = new AbortController();
    const late = sleep(timeoutMs, stop.signal).then(
      () => false,
      () => false,
    );
    const ok = await Promise.race([ask(check), late]);
    stop.abort();
    return { name: check.name, ok };
  }

  async function lookAll(): Promise<CheckResult[]> {
    const results = await Promise.all(checks.map(look));
    return isDraining ? [...results, { name: 'staying', ok: false }] : results;
  }

  return {
    ready: async () => {
      const results = await lookAll();
      const essential = new Set(checks.filter(({ isEssential }) => isEssential).map(({ name }) => name));
      const isReady = results.every(({ name, ok }) => ok || (name !== 'staying' && !essential.has(name)));
      return { ready: isReady, checks: results };
    },
    healthy: async () => {
      const results = await lookAll();
      return { ready: results.every(({ ok }) => ok), checks: results };
    },
    drain: () => {
      isDraining = true;
    },
  };
}
