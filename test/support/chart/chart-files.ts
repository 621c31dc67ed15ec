/** Files of the chart that are made from others: what each must hold. */
import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { chartDirectory, chartValues } from './values-file.ts';
import { valuesSchema } from './values-schema.ts';
import { withValuesTable } from './values-table.ts';

export async function madeChartFiles(): Promise<Record<string, string>> {
  const values = chartValues();
  const style = JSON.parse(readFileSync('.prettierrc.json', 'utf8')) as object;
  const readme = `${chartDirectory}/README.md`;
  return {
    [`${chartDirectory}/values.schema.json`]: await format(JSON.stringify(valuesSchema(values)), {
      parser: 'json',
      ...style,
    }),
    [readme]: await format(withValuesTable(readFileSync(readme, 'utf8'), values), {
      parser: 'markdown',
      ...style,
    }),
    // Helm reads nothing that is outside of the chart.
    [`${chartDirectory}/files/alerts.yaml`]: readFileSync('deploy/monitoring/alerts.yaml', 'utf8'),
  };
}
