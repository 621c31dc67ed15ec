/** The table of values in the chart's README, between two marks. */
import type { ChartValue } from './values-file.ts';

const begin = '<!-- values: made by npm run docs:chart -->';
const end = '<!-- end of values -->';

/** The README with the table as it must be. Throws when a mark is missing. */
export function withValuesTable(readme: string, values: readonly ChartValue[]): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md needs the marks ${begin} and ${end}`);
  const rows = values.map(
    ({ path, default: value, description }) =>
      `| \`${path.join('.')}\` | ${shown(value)} | ${description.replaceAll('|', '\\|')} |`,
  );
  const table = ['| value | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n\n${readme.slice(to)}`;
}

function shown(value: unknown): string {
  if (value === '' || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? 'see values.yaml' : `\`${text}\``;
}
