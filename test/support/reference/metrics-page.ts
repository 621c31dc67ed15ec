/** docs/reference/metrics.md: every metric that a process shows, from its own registry. */
import { createMetrics, type MetricDefinition } from '../../../src/drivers/telemetry/metrics.ts';
import { code, prose, table } from './markdown.ts';
import { metricsOf, monitoringQueries } from './monitoring-queries.ts';

const intro = `# Metrics

Every metric of \`/metrics\`, made from the program by \`npm run docs\`. How to have them scraped, and which of them to take \`max\` of and
which to \`sum\`: [monitoring](../operate/monitoring.md). Alerts and panels are those of
[alerts.yaml](../../deploy/monitoring/alerts.yaml) and [dashboard.json](../../deploy/monitoring/dashboard.json).

A counter grows until its process ends: take \`rate\` or \`increase\` of it. A gauge is what it is now. A histogram has the series \`_bucket\`,
\`_sum\` and \`_count\`. Times are Unix times; an age is \`time() -\` one.
`;

export function metricsPage(): string {
  const [ours = [], others = []] = [true, false].map((isOurs) =>
    metricDefinitions().filter(({ name }) => name.startsWith('emberkeep_') === isOurs),
  );
  const parts = [
    intro,
    '## Of Emberkeep',
    table(['metric', 'type', 'unit', 'labels', 'what it says', 'used by'], ours.map(ourRow)),
    '## Of the process',
    'Of every program that runs on Node.',
    table(
      ['metric', 'type', 'unit', 'labels', 'what it says'],
      others.map((metric) => rowOf(metric)),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What a process that runs everything shows; nothing is asked of a database. */
export function metricDefinitions(): MetricDefinition[] {
  const state = (): Promise<never> => Promise.reject(new Error('there is no database'));
  return createMetrics({ version: '', role: 'all', state }).definitions();
}

function rowOf({ name, type, labelNames, help }: MetricDefinition): string[] {
  return [code(name), type, unitOf(name), labelNames.map(code).join(', '), prose(help)];
}

function ourRow(metric: MetricDefinition): string[] {
  const users = monitoringQueries().filter(({ expr }) => metricsOf(expr).includes(metric.name));
  const names = new Set(users.map(({ name, kind }) => (kind === 'alert' ? code(name) : `panel “${name}”`)));
  return [...rowOf(metric), [...names].join(', ')];
}

/** Prometheus' names end with it. */
function unitOf(name: string): string {
  if (name.endsWith('_timestamp_seconds') || name === 'process_start_time_seconds')
    return 'Unix time, seconds';
  if (/_seconds(_total)?$/.test(name)) return 'seconds';
  if (/_bytes(_total)?$/.test(name)) return 'bytes';
  if (name.endsWith('_up')) return '0 or 1';
  return name.endsWith('_info') ? 'always 1' : 'number';
}
