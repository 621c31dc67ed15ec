/** Alerts and dashboard ask for metrics that there are; a misspelt one would be silent for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricDefinitions } from '../support/reference/metrics-page.ts';
import { labelsOf, metricsOf, monitoringQueries } from '../support/reference/monitoring-queries.ts';

const metrics = new Map(metricDefinitions().map((metric) => [metric.name, metric]));

/** Prometheus gives them to every series that it scrapes. */
const scraped = ['instance', 'job'];

test('every metric that an alert or a panel asks for is shown by the program', () => {
  const queries = monitoringQueries();
  assert.ok(queries.some(({ kind }) => kind === 'alert') && queries.some(({ kind }) => kind === 'panel'));
  for (const { name, expr } of queries) {
    const asked = metricsOf(expr);
    assert.ok(asked.length > 0, `${name} asks for no metric: ${expr}`);
    for (const metric of asked)
      assert.ok(metrics.has(metric), `${name} asks for ${metric}, which there is not`);
  }
});

test('every label that an alert or a panel groups or selects by is one of its metrics', () => {
  for (const { name, expr } of monitoringQueries()) {
    const asked = metricsOf(expr).map((metric) => metrics.get(metric)!);
    const known = [
      ...scraped,
      ...asked.flatMap(({ labelNames, type }) => [...labelNames, ...(type === 'histogram' ? ['le'] : [])]),
    ];
    for (const label of labelsOf(expr))
      assert.ok(
        known.includes(label),
        `${name}: ${asked.map((metric) => metric.name).join()} has no label ${label}`,
      );
  }
});
