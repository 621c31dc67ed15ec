import { signal } from '@preact/signals';

/** The time as pages show it, ms since 1970; ticks so that relative times stay true. */
export const now = signal(Date.now());

const tickMs = 10_000;

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, tickMs);
