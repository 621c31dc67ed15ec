/** Roughly, as people say it: `12 s`, `3 min`, `2.5 h`. */
export function humanDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return 'less than 1 s';
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 99.5) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return `${hours < 10 ? hours.toFixed(1).replace(/\.0$/, '') : Math.round(hours)} h`;
}
