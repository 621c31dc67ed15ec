/** What pods take and the chart does not make stands in the notes of the release. Needs helm on the PATH. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import { parse, stringify } from 'yaml';
import { containersOf, podsOf, type Pod } from '../../support/chart/pods.ts';
import {
  exampleFiles,
  named,
  ofKind,
  renderChart,
  type KubeObject,
} from '../../support/chart/render-chart.ts';

const directory = mkdtempSync(join(tmpdir(), 'ek-needed-'));
after(() => rmSync(directory, { recursive: true }));

/** `helm template` shows no notes, so their list is rendered into an object of its own. */
const probe = `apiVersion: v1
kind: ConfigMap
metadata: { name: probe }
data: { needed: {{ include "emberkeep.needed" . | quote }} }
`;

function namesIn({ spec }: Pod): string[] {
  const volumes = (spec.volumes ?? []).flatMap(({ secret, configMap }) => [
    secret && `Secret ${secret.secretName}`,
    configMap && `ConfigMap ${configMap.name}`,
  ]);
  const variables = containersOf({ spec } as Pod).flatMap(({ env = [], envFrom = [] }) => [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef && `Secret ${valueFrom.secretKeyRef.name}`),
    ...envFrom.map(({ secretRef }) => secretRef && `Secret ${secretRef.name}`),
  ]);
  const pulling = (spec.imagePullSecrets ?? []).map(({ name }) => `Secret ${name}`);
  return [...volumes, ...variables, ...pulling].filter((name) => name !== undefined);
}

function certificates(objects: readonly KubeObject[]): string[] {
  return ofKind(objects, 'Ingress').flatMap((object) =>
    ((object as unknown as IIngress).spec?.tls ?? []).map(({ secretName }) => `Secret ${secretName}`),
  );
}

/** `KIND NAME` to keys: what the commands of the guide make. */
function madeByGuide(): Map<string, string[]> {
  const guide = readFileSync('docs/install/helm.md', 'utf8').replaceAll('\\\n', ' ');
  const commands = guide.matchAll(/^kubectl -n openstack create (secret generic|configmap) (\S+) (.+)$/gm);
  return new Map(
    [...commands].map(([, kind, name = '', options = '']) => [
      `${kind === 'configmap' ? 'ConfigMap' : 'Secret'} ${name}`,
      [...options.matchAll(/--from-(?:literal|file)=([\w.]+)/g)].map(([, key = '']) => key),
    ]),
  );
}

/** Keys that pods take by name, as `KIND NAME KEY`. */
function keysIn({ spec }: Pod): string[] {
  const volumes = (spec.volumes ?? []).flatMap(({ secret, configMap }) => [
    ...(secret?.items ?? []).map(({ key }) => `Secret ${secret?.secretName} ${key}`),
    ...(configMap?.items ?? []).map(({ key }) => `ConfigMap ${configMap?.name} ${key}`),
  ]);
  const variables = containersOf({ spec } as Pod).flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => {
      const from = valueFrom?.secretKeyRef;
      return from === undefined ? [] : [`Secret ${from.name} ${from.key}`];
    }),
  );
  return [...volumes, ...variables];
}

test('the commands of the guide make all that the example with a bucket takes, with the keys by which it does', async () => {
  const objects = await renderChart('charts/emberkeep/ci/external-s3-values.yaml');
  const made = madeByGuide();
  const own = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const taken = podsOf(objects)
    .flatMap(namesIn)
    .filter((name) => !own.includes(name));
  assert.deepEqual([...made.keys()].toSorted(), [...new Set(taken)].toSorted());
  const keys = [...made].flatMap(([name, list]) => list.map((key) => `${name} ${key}`));
  const asked = podsOf(objects).flatMap(keysIn);
  assert.ok(asked.length >= 8, asked.join());
  assert.deepEqual(
    asked.filter((key) => !keys.includes(key)),
    [],
  );
});

for (const file of exampleFiles()) {
  test(`${basename(file)}: the notes name each Secret and ConfigMap that is to be there, and no other`, async () => {
    const values = parse(readFileSync(file, 'utf8')) as { extraObjects?: unknown[] };
    const path = join(directory, basename(file));
    writeFileSync(path, stringify({ ...values, extraObjects: [...(values.extraObjects ?? []), probe] }));
    const objects = await renderChart(path);
    const { needed = '' } = named(objects, 'ConfigMap', 'probe')['data'] as { needed?: string };
    const told = [...needed.matchAll(/\b(?:ConfigMap|Secret) [a-z0-9-]+/g)].map(([name]) => name);
    const made = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const taken = [...podsOf(objects).flatMap(namesIn), ...certificates(objects)];
    assert.deepEqual(
      [...new Set(told)].toSorted(),
      [...new Set(taken)].filter((name) => !made.includes(name)).toSorted(),
    );
    assert.deepEqual(
      needed.split('\n').filter((line) => !/^(?: {2}(?:ConfigMap|Secret) .+: .+)?$/.test(line)),
      [],
    );
  });
}
