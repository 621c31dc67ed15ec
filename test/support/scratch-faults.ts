/**
 * A driver whose methods a test may replace one by one while the service runs: what is not in `hooks` at the moment of a
 * call goes to the real driver. Hooks get the real arguments; to go on they call the real driver themselves.
 */
export function intercept<T extends object>(target: T, hooks: Partial<T>): T {
  return new Proxy(target, {
    get: (_, key) => {
      const real: unknown = Reflect.get(target, key, target);
      if (typeof real !== 'function') return real;
      return (...args: unknown[]): unknown => {
        const hook: unknown = Reflect.get(hooks, key);
        return Reflect.apply(typeof hook === 'function' ? hook : real, target, args);
      };
    },
  });
}

/** Forgets all hooks, so that the next test meets the real drivers. */
export function clearHooks(groups: Record<string, object>): void {
  for (const hooks of Object.values(groups)) {
    for (const key of Object.keys(hooks)) Reflect.deleteProperty(hooks, key);
  }
}
