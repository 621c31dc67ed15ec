/** Prometheus' own check of a metrics page. */
import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const script = resolve(import.meta.dirname, '../../deploy/monitoring/promtool.sh');

/** Of the prom-client's own metrics; dashboards for Node ask for them by these names. */
const knownComplaints = ['handles', 'requests', 'resources'].map(
  (what) => `nodejs_active_${what}_total non-counter metrics should not have "_total" suffix`,
);

/** Fetches it when there is none. */
export function promtoolPath(): string {
  return execFileSync('bash', [script], { encoding: 'utf8' }).trim();
}

/** What `promtool check metrics` has to say of the text that `/metrics` answers, but for what the library names. */
export function lintMetrics(text: string): string[] {
  const { status, stderr, error } = spawnSync(promtoolPath(), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  const said = stderr.split('\n').filter((line) => line !== '');
  // 3: it was read, and there is something to say.
  if (status !== 0 && said.length === 0) throw new Error(`promtool ended with ${status}`);
  return said.filter((line) => !knownComplaints.includes(line));
}
