/** Alerts and panels by Prometheus' own promtool, which deploy/monitoring/promtool.sh finds or fetches. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { createMetrics } from '../../src/drivers/telemetry/metrics.ts';
import { lintMetrics, promtoolPath } from '../support/promtool.ts';
import { monitoringQueries } from '../support/reference/monitoring-queries.ts';
import { serviceState } from '../support/service-state.ts';

const monitoring = 'deploy/monitoring';
const testFiles = ['alerts.test.yaml', 'alerts-days.test.yaml'];
const directory = mkdtempSync(join(tmpdir(), 'ek-alerts-'));
after(() => rmSync(directory, { recursive: true }));

let promtool: string;
before(() => {
  promtool = promtoolPath();
});

interface RuleTests {
  tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
}

function run(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('the alerts are rules that Prometheus takes, and are told when they shall be and not before', () => {
  const said = execFileSync('bash', [`${monitoring}/check.sh`], { encoding: 'utf8' });
  assert.match(said, /SUCCESS: \d+ rules found/);
});

test('of every alert there is a time at which it is told, and one at which it is silent', () => {
  const cases = testFiles.flatMap((file) =>
    (parse(readFileSync(join(monitoring, file), 'utf8')) as RuleTests).tests.flatMap(
      ({ alert_rule_test: expectations }) => expectations,
    ),
  );
  const alerts = monitoringQueries().filter(({ kind }) => kind === 'alert');
  assert.ok(alerts.length >= 10);
  for (const { name } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === name);
    assert.ok(
      own.some(({ exp_alerts: told = [] }) => told.length > 0),
      `${name} is never expected`,
    );
    assert.ok(
      own.some(({ exp_alerts: told = [] }) => told.length === 0),
      `${name} is never expected to be silent`,
    );
  }
});

test('an alert that comes too early, and one that never comes, are found', () => {
  for (const file of testFiles) cpSync(join(monitoring, file), join(directory, file));
  const rules = readFileSync(join(monitoring, 'alerts.yaml'), 'utf8');
  for (const [right, wrong] of [
    ['emberkeep_store_up) == 0\n        for: 10m', 'emberkeep_store_up) == 0\n        for: 1m'],
    ['min by (name) (emberkeep_store_up)', 'max by (name) (emberkeep_store_up)'],
  ] as const) {
    assert.ok(rules.includes(right));
    writeFileSync(join(directory, 'alerts.yaml'), rules.replace(right, wrong));
    const { status, said } = run('test', 'rules', join(directory, 'alerts.test.yaml'));
    assert.equal(status, 1, said);
    assert.match(said, /EmberkeepStoreAway/);
  }
});

test('every panel of the dashboard asks in words that Prometheus takes', () => {
  const panels = monitoringQueries().filter(({ kind }) => kind === 'panel');
  assert.ok(panels.length > 5);
  const rules = panels.map(({ expr }, index) => ({
    record: `panel:${index}`,
    // Grafana puts these in.
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h'),
  }));
  const file = join(directory, 'panels.yaml');
  writeFileSync(file, stringify({ groups: [{ name: 'panels', rules }] }));
  const { status, said } = run('check', 'rules', file);
  assert.equal(status, 0, said);
});

test('the metrics have the form and the names that Prometheus asks for', async () => {
  const metrics = createMetrics({
    version: '1.2.3',
    role: 'all',
    state: () => Promise.resolve(serviceState),
  });
  metrics.jobEnded({ kind: 'backup', state: 'succeeded', seconds: 30 });
  metrics.transferred('export', 'volumes', 12);
  assert.deepEqual(lintMetrics(await metrics.render()), []);
});

test('a metric with a name that Prometheus does not ask for is found', () => {
  const text =
    '# HELP emberkeep_jobs_total Jobs.\n# TYPE emberkeep_jobs_total gauge\nemberkeep_jobs_total 1\n';
  assert.match(lintMetrics(text).join('\n'), /emberkeep_jobs_total non-counter/);
  assert.match(lintMetrics('emberkeep_jobs{ 1\n').join('\n'), /error/);
});
