/** What objects of a release say of each other by name: routes, scaling, monitoring. Needs helm on the PATH. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { parse } from 'yaml';
import type { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import type { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import type { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { Ingress } from 'kubernetes-models/networking.k8s.io/v1';
import type { Service } from 'kubernetes-models/v1';
import { isSelected } from '../../support/chart/pods.ts';
import {
  exampleFiles,
  named,
  ofKind,
  renderChart,
  type KubeObject,
} from '../../support/chart/render-chart.ts';

const releases: KubeObject[][] = [];
before(async () => {
  for (const file of exampleFiles()) releases.push(await renderChart(file));
});

/** All of a kind, each with the release that it belongs to; at least one example has it. */
function all(kind: string): { object: KubeObject; release: KubeObject[] }[] {
  const found = releases.flatMap((release) => ofKind(release, kind).map((object) => ({ object, release })));
  assert.ok(found.length > 0, kind);
  return found;
}

function portsOf(release: readonly KubeObject[], service: string): { name?: string; port: number }[] {
  return (named(release, 'Service', service) as unknown as Service).spec?.ports ?? [];
}

test('an Ingress leads to a port that its Service has', () => {
  for (const { object, release } of all('Ingress')) {
    const { spec } = object as unknown as Ingress;
    const backends = (spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []);
    assert.ok(backends.length > 0);
    for (const { backend } of backends) {
      const names = portsOf(release, backend.service?.name ?? '').map(({ name }) => name);
      assert.ok(names.includes(backend.service?.port?.name), names.join());
    }
  }
});

test('an HTTPRoute leads to a port that its Service has', () => {
  for (const { object, release } of all('HTTPRoute')) {
    const { spec } = object as unknown as HTTPRoute;
    const backends = (spec.rules ?? []).flatMap(({ backendRefs = [] }) => backendRefs);
    assert.ok(backends.length > 0);
    for (const { name, port } of backends)
      assert.ok(
        portsOf(release, name).some((offered) => offered.port === port),
        `${name}:${port}`,
      );
  }
});

test('what is scaled by load is there, and has no number of replicas that an upgrade would set back', () => {
  for (const { object, release } of all('HorizontalPodAutoscaler')) {
    const { spec } = object as unknown as HorizontalPodAutoscaler;
    const { kind, name } = spec.scaleTargetRef;
    assert.equal((named(release, kind, name)['spec'] as { replicas?: number }).replicas, undefined);
  }
});

test('a ServiceMonitor selects the metrics of API and worker and nothing else, by a port that they have', () => {
  for (const { object, release } of all('ServiceMonitor')) {
    const { spec } = object as unknown as ServiceMonitor;
    const wanted = spec.selector.matchLabels ?? {};
    const services = ofKind(release, 'Service').filter(({ metadata }) =>
      isSelected(metadata.labels ?? {}, wanted),
    );
    const names = services.map(({ metadata }) => metadata.name);
    assert.deepEqual(names.toSorted(), ['ek-emberkeep-api-metrics', 'ek-emberkeep-worker-metrics']);
    for (const name of names)
      for (const { port } of spec.endpoints)
        assert.ok(
          portsOf(release, name).some((offered) => offered.name === port),
          `${name}: ${port}`,
        );
  }
});

test('a PrometheusRule has the alerts that promtool has checked, word by word', () => {
  const checked = parse(readFileSync('deploy/monitoring/alerts.yaml', 'utf8')) as unknown;
  for (const { object } of all('PrometheusRule')) assert.deepEqual(object['spec'], checked);
});
