/** What must agree between the parts of a release, as rendered. Needs helm on the PATH. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { IContainer, IProbe } from 'kubernetes-models/v1';
import { loadConfig, type AppConfig } from '../../../src/config.ts';
import { podsOf, type Pod } from '../../support/chart/pods.ts';
import {
  exampleFiles,
  named,
  ofKind,
  releaseName,
  renderChart,
  type KubeObject,
} from '../../support/chart/render-chart.ts';
import { chartDirectory } from '../../support/chart/values-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'ek-rendered-'));
after(() => rmSync(directory, { recursive: true }));

const fullName = `${releaseName}-emberkeep`;
const rendered = new Map<string, KubeObject[]>();
before(async () => {
  for (const file of exampleFiles()) rendered.set(file, await renderChart(file));
});

function configOf(objects: readonly KubeObject[]): AppConfig {
  const { 'emberkeep.yaml': text } = named(objects, 'Secret', `${fullName}-etc`)['stringData'] as Record<
    string,
    string
  >;
  const file = join(directory, 'emberkeep.yaml');
  writeFileSync(file, text!);
  return loadConfig({ env: {}, file });
}

function podOf(objects: readonly KubeObject[], owner: string): Pod {
  return podsOf(objects).find((pod) => pod.owner === owner)!;
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

/** The number of a container's port that is asked for by name. */
function portNumber({ ports = [] }: IContainer, wanted: unknown): number {
  return ports.find(({ name }) => name === wanted)!.containerPort;
}

function ingressPorts(objects: readonly KubeObject[], name: string): number[] {
  const { ingress } = named(objects, 'NetworkPolicy', name)['spec'] as {
    ingress: { ports: { port: number }[] }[];
  };
  return ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
}

for (const file of exampleFiles()) {
  describe(file, () => {
    const objects = (): KubeObject[] => rendered.get(file)!;

    test('our own loader takes the configuration, and its paths are mounted', () => {
      const config = configOf(objects());
      const { volumeMounts = [] } = podOf(objects(), `Deployment/${fullName}-worker`).spec.containers[0]!;
      const mounted = volumeMounts.map(({ mountPath }) => mountPath);
      const paths = [
        config.stateDir,
        config.database.url_file,
        config.encryption.key_file,
        ...config.encryption.old_key_files,
        ...config.storeList.flatMap(({ directory, s3 }) => [
          directory,
          s3?.caFile,
          s3?.accessKeyIdFile,
          s3?.secretAccessKeyFile,
        ]),
        ...Object.values(config.clusters).flatMap(({ conf, keyring }) => [conf, keyring]),
      ];
      for (const path of paths)
        if (path !== undefined)
          assert.ok(
            mounted.some((mount) => `${path}/`.startsWith(`${mount}/`)),
            path,
          );
    });

    test('configuration, container, Service, probes and NetworkPolicy have the same ports', () => {
      const config = configOf(objects());
      const metrics = portOf(config.monitoring.listen!);
      const listened = { api: [portOf(config.listen), metrics], worker: [metrics] };
      for (const [component, ports] of Object.entries(listened)) {
        const container = podOf(objects(), `Deployment/${fullName}-${component}`).spec.containers[0]!;
        assert.deepEqual(
          container.ports!.map(({ containerPort }) => containerPort),
          ports,
        );
        const { startupProbe, livenessProbe, readinessProbe } = container;
        for (const probe of [startupProbe, livenessProbe, readinessProbe])
          assert.ok(ports.includes(portNumber(container, probe!.httpGet!.port)));
        assert.deepEqual(ingressPorts(objects(), `${fullName}-${component}`), ports);
        const services = component === 'api' ? ['api', 'api-metrics'] : ['worker-metrics'];
        for (const [index, service] of services.entries()) {
          const { ports: offered } = named(objects(), 'Service', `${fullName}-${service}`)['spec'] as {
            ports: { port: number; targetPort: string }[];
          };
          assert.deepEqual(
            offered.map(({ port }) => port),
            [ports[index]],
          );
          assert.equal(portNumber(container, offered[0]!.targetPort), ports[index]);
        }
      }
    });

    test('probes ask what the service answers, and give a migration its time', () => {
      for (const component of ['api', 'worker']) {
        const container = podOf(objects(), `Deployment/${fullName}-${component}`).spec.containers[0]!;
        const path = (probe: IProbe | undefined): string | undefined => probe?.httpGet?.path;
        assert.equal(path(container.livenessProbe), '/livez');
        assert.equal(path(container.readinessProbe), '/readyz');
        const { failureThreshold = 0, periodSeconds = 0 } = container.startupProbe!;
        assert.equal(failureThreshold * periodSeconds, 600);
      }
    });

    test('a pod may take as long to end as the service is told to, and a moment more', () => {
      const { notice_seconds, jobs_seconds } = configOf(objects()).shutdown;
      for (const component of ['api', 'worker'])
        assert.equal(
          podOf(objects(), `Deployment/${fullName}-${component}`).spec.terminationGracePeriodSeconds,
          notice_seconds + jobs_seconds + 30,
        );
    });

    test('the jobs are hooks, in their order, and get no other secret than they need', () => {
      const jobs = ofKind(objects(), 'Job').map(({ metadata }) => ({
        name: metadata.name,
        hook: metadata.annotations?.['helm.sh/hook'],
        weight: Number(metadata.annotations?.['helm.sh/hook-weight']),
      }));
      assert.deepEqual(
        jobs.toSorted((one, other) => one.weight - other.weight),
        [
          { name: `${fullName}-db-sync`, hook: 'post-install,post-upgrade', weight: -4 },
          { name: `${fullName}-keystone-bootstrap`, hook: 'post-install,post-upgrade', weight: -3 },
        ],
      );
      const secretsOf = (job: string): string[] => {
        const { volumes = [] } = podOf(objects(), `Job/${fullName}-${job}`).spec;
        const secrets = volumes.filter(({ secret }) => secret !== undefined).map(({ name }) => name);
        return secrets.filter((name) => name !== 'keystone-ca');
      };
      assert.deepEqual(secretsOf('keystone-bootstrap'), ['etc', 'service-user']);
      assert.deepEqual(secretsOf('db-sync'), ['etc', 'database']);
      assert.equal(podOf(objects(), `Job/${fullName}-db-sync`).spec.containers[0]!.envFrom, undefined);
    });

    test('the migration may reach the database and nothing else', () => {
      const { egress } = named(objects(), 'NetworkPolicy', `${fullName}-db-sync`)['spec'] as {
        egress: { ports: { port: number }[] }[];
      };
      assert.deepEqual(
        [...new Set(egress.flatMap(({ ports }) => ports.map(({ port }) => port)))],
        [53, 5432],
      );
    });
  });
}

test('a change of the configuration rolls both Deployments, a change of replicas none', async () => {
  const file = `${chartDirectory}/ci/external-s3-values.yaml`;
  const annotationsOf = async (...sets: string[]): Promise<unknown[]> =>
    podsOf(await renderChart(file, sets))
      .filter(({ owner }) => owner.startsWith('Deployment/'))
      .map(({ annotations }) => annotations);
  const before = await annotationsOf();
  const after = await annotationsOf('conf.emberkeep.cycle.days=3');
  assert.equal(before.length, 2);
  for (const [index, annotations] of after.entries()) assert.notDeepEqual(annotations, before[index]);
  assert.deepEqual(await annotationsOf('pod.replicas.worker=5'), before);
});

const missing: [string, RegExp][] = [
  ['images.tags.emberkeep=""', /images\.tags\.emberkeep: name the image/],
  ['network.api.ingress.public=true', /host_fqdn_override\.public: set the host name/],
  ['postgresql.enabled=true,endpoints.oslo_db.auth.emberkeep.password=""', /choose a password/],
  ['store.type=s3', /store\.s3\.bucket: name the bucket/],
  ['store.type=nfs', /store\.nfs\.server: name the file server/],
];
for (const [sets, words] of missing) {
  test(`what is missing is told: ${sets}`, async () => {
    const file = `${chartDirectory}/ci/minimal-values.yaml`;
    await assert.rejects(renderChart(file, sets.split(',')), words);
  });
}
