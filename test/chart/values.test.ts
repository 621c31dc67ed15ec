import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv, type ErrorObject } from 'ajv';
import { parse } from 'yaml';
import { madeChartFiles } from '../support/chart/chart-files.ts';
import { exampleFiles } from '../support/chart/render-chart.ts';
import { chartDirectory, chartValues, mergedValues } from '../support/chart/values-file.ts';
import { rules } from '../support/chart/values-rules.ts';

const defaults: unknown = parse(readFileSync(`${chartDirectory}/values.yaml`, 'utf8'));
const schema = JSON.parse(readFileSync(`${chartDirectory}/values.schema.json`, 'utf8')) as object;
const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);

/** What is wrong with these values over the chart's own. */
function problems(over: unknown): string[] {
  if (validate(mergedValues(defaults, over))) return [];
  return (validate.errors ?? []).map(told);
}

function told({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty = '', allowedValues = [] } = params as {
    additionalProperty?: string;
    allowedValues?: unknown[];
  };
  return `${instancePath} ${message ?? ''} ${additionalProperty}${allowedValues.join(', ')}`.trim();
}

/** {a: {b: value}} for a.b */
function at(path: string, value: unknown): unknown {
  return path
    .split('.')
    .toReversed()
    .reduce((inner, key) => ({ [key]: inner }), value);
}

test('the files that are made from others are what those say; `npm run docs:chart` writes them', async () => {
  for (const [path, text] of Object.entries(await madeChartFiles()))
    assert.equal(readFileSync(path, 'utf8'), text, path);
});

test('the schema takes the values of the chart and of every example', () => {
  assert.deepEqual(problems({}), []);
  const files = exampleFiles();
  assert.ok(files.length >= 4);
  for (const file of files) assert.deepEqual(problems(parse(readFileSync(file, 'utf8'))), [], file);
});

test('the chart has the version of the program', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const chart = parse(readFileSync(`${chartDirectory}/Chart.yaml`, 'utf8')) as Record<string, unknown>;
  assert.equal(chart['appVersion'], version);
});

test('every rule is about a value that there is', () => {
  const paths = chartValues().map(({ path }) => path.join('.'));
  assert.deepEqual(
    Object.keys(rules).filter((path) => !paths.includes(path)),
    [],
  );
});

test('an unknown value is refused wherever it is', () => {
  const places = ['', 'images', 'secrets.tls.instance_backup.api', 'pod.replicas', 'conf.emberkeep.limits'];
  for (const place of places) {
    const [problem = ''] = problems(at(place === '' ? 'replicaz' : `${place}.replicaz`, 1));
    assert.match(problem, /must NOT have additional properties replicaz$/, place);
    assert.ok(problem.startsWith(place === '' ? '' : `/${place.replaceAll('.', '/')}`), problem);
  }
});

const wrong: [string, unknown, RegExp][] = [
  ['images.pull_policy', 'Sometimes', /allowed values IfNotPresent, Always, Never/],
  ['store.type', 'ceph', /allowed values claim, nfs, s3/],
  ['store.claim.access_modes', ['RWX'], /access_modes\/0 .*ReadWriteMany/],
  ['store.claim.size', '1 TB', /size must match pattern/],
  ['pod.replicas.worker', '2', /worker must be integer/],
  ['pod.replicas.worker', -1, /worker must be >= 0/],
  ['pod.security_context.emberkeep.pod.runAsUser', 0, /runAsUser must be >= 1/],
  ['pod.resources.api', { requests: { cpu: 1 }, limits: { cpu: 1, memory: null } }, /memory/],
  ['endpoints.instance_backup.port.api.default', 80, /must be >= 1024/],
  ['endpoints.instance_backup.host_fqdn_override.public', 'https://backup.example.org', /must match/],
  ['ceph_client.clusters.ceph.rbd_user', 'client.emberkeep', /rbd_user must NOT be valid/],
  ['ceph_client.clusters.east', { configmap: 'ceph-etc' }, /required property 'rbd_user'/],
  ['ceph_client.clusters.ceph', null, /fewer than 1/],
  ['conf.emberkeep.limits.disks', 0, /disks must be >= 1/],
  ['conf.emberkeep.cycle.days', 'seven', /days must be integer/],
  // What the chart's own objects decide.
  ['conf.emberkeep.database', { url: 'postgresql://...' }, /additional properties database/],
  ['conf.emberkeep.listen', '0.0.0.0:80', /additional properties listen/],
  ['conf.emberkeep.monitoring.listen', '0.0.0.0:80', /monitoring .*additional properties listen/],
  ['network_policy.emberkeep.api_from', ['10.0.0.0/8'], /api_from\/0 must be object/],
  ['monitoring.prometheus.interval', 30, /interval must be string/],
];

for (const [path, value, expected] of wrong) {
  test(`${path}: ${JSON.stringify(value)} is refused`, () => {
    assert.match(problems(at(path, value)).join('\n'), expected);
  });
}
