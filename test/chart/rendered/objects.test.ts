/** Every example, rendered: what Kubernetes takes, and what we ask of any object. Needs helm on the PATH. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { IContainer } from 'kubernetes-models/v1';
import { assertValid, typeErrors } from '../../support/chart/kubernetes-types.ts';
import { containersOf, isSelected, podsOf, type Pod } from '../../support/chart/pods.ts';
import {
  exampleFiles,
  namespace,
  ofKind,
  renderChart,
  type KubeObject,
} from '../../support/chart/render-chart.ts';

/** Of the examples; none of them may stand in a ConfigMap. */
const secretsOfExamples = /PASSWORD|FROM-YOUR-SECRETS|postgresql:\/\//;
/** Variables by which scripts name a secret are none themselves. */
const scriptVariables = /SERVICE_PASSWORD_FILE|OS_PASSWORD/g;

const rendered = new Map<string, KubeObject[]>();
before(async () => {
  for (const file of exampleFiles()) rendered.set(file, await renderChart(file));
});

test('Kubernetes knows every field of every object', () => {
  assert.deepEqual(typeErrors([...rendered.values()].flat().filter(isOurs)), []);
});

test('a field that Kubernetes does not know is found', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'typo' },
    spec: { ports: [{ port: 1, targetPrt: 1 }] },
  };
  assert.match(typeErrors([service]).join('\n'), /Service typo: .*targetPrt/);
});

for (const file of exampleFiles()) {
  describe(file, () => {
    const objects = (): KubeObject[] => rendered.get(file)!;
    const pods = (): Pod[] => podsOf(objects());

    test('every object is valid, in the namespace, and there once', () => {
      for (const object of objects()) assertValid(object);
      const ours = objects().filter(isOurs);
      for (const { kind, metadata } of ours)
        assert.equal(metadata.namespace, namespace, `${kind} ${metadata.name}`);
      const names = objects().map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      assert.deepEqual(names, [...new Set(names)]);
      for (const kind of ['Deployment', 'Job', 'Secret', 'Service', 'NetworkPolicy', 'PodDisruptionBudget'])
        assert.ok(ofKind(objects(), kind).length > 0, kind);
    });

    test('no pod is root, may become it, or writes where no volume is', () => {
      for (const pod of pods()) {
        const { securityContext: own = {}, automountServiceAccountToken, ...spec } = pod.spec;
        assert.equal(own.runAsNonRoot, true, pod.owner);
        assert.equal(own.runAsUser, 42424, pod.owner);
        assert.equal(own.seccompProfile?.type, 'RuntimeDefault', pod.owner);
        assert.equal(automountServiceAccountToken, false, pod.owner);
        for (const reach of [spec.hostNetwork, spec.hostPID, spec.hostIPC]) assert.notEqual(reach, true);
        assert.deepEqual(
          (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined),
          [],
        );
        for (const container of containersOf(pod)) assertConfined(container, pod.owner);
      }
    });

    test('no RBAC is asked for', () => {
      assert.deepEqual(ofKind(objects(), 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'), []);
    });

    test('every container has an image, a request of CPU and a limit of memory', () => {
      for (const pod of pods()) {
        for (const { name, image = '', resources } of containersOf(pod)) {
          assert.match(image, /^[^ ]+:[^ ]+$/, `${pod.owner} ${name}`);
          assert.ok(resources?.requests?.['cpu'] !== undefined, `${pod.owner} ${name}`);
          assert.ok(resources.limits?.['memory'] !== undefined, `${pod.owner} ${name}`);
        }
      }
    });

    test('I10: no secret stands in a ConfigMap, a variable or an argument', () => {
      for (const { metadata, data } of ofKind(objects(), 'ConfigMap'))
        assert.doesNotMatch(
          JSON.stringify(data).replaceAll(scriptVariables, ''),
          secretsOfExamples,
          metadata.name,
        );
      for (const pod of pods()) {
        for (const { name, env = [], args = [], command = [] } of containersOf(pod)) {
          const said = [...env.map(({ value = '' }) => value), ...args, ...command].join('\n');
          assert.doesNotMatch(said, secretsOfExamples, `${pod.owner} ${name}`);
        }
      }
    });

    test('every volume is there, mounted somewhere, and of an object that is rendered or told in the notes', () => {
      const made = objects().map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      for (const pod of pods()) {
        const claims = ofKind(objects(), 'StatefulSet').some(({ metadata }) =>
          pod.owner.endsWith(`/${metadata.name}`),
        )
          ? ['data']
          : [];
        const volumes = [...(pod.spec.volumes ?? []).map(({ name }) => name), ...claims];
        const mounts = containersOf(pod).flatMap(({ volumeMounts = [] }) =>
          volumeMounts.map(({ name }) => name),
        );
        assert.deepEqual([...new Set(mounts)].toSorted(), volumes.toSorted(), pod.owner);
        for (const { name, configMap, secret } of pod.spec.volumes ?? []) {
          if (name === 'etc') assert.ok(made.includes(`Secret/${secret!.secretName!}`));
          if (name === 'bin') assert.ok(made.includes(`ConfigMap/${configMap!.name!}`));
        }
      }
    });

    test('selectors match the pods that they mean, and no others', () => {
      for (const { owner, labels, selector } of pods())
        if (selector !== undefined) assert.ok(isSelected(labels, selector), owner);
      for (const object of ofKind(objects(), 'Service', 'PodDisruptionBudget', 'NetworkPolicy')) {
        const matching = pods().filter(({ labels }) => isSelected(labels, selectorOf(object)));
        const what = `${object.kind} ${object.metadata.name}`;
        assert.equal(matching.length, 1, what);
        const component = matching[0]!.labels['app.kubernetes.io/component']!;
        assert.ok(object.metadata.name.includes(`-${component}`), what);
      }
    });

    test('every pod is behind a NetworkPolicy in both directions', () => {
      const policies = ofKind(objects(), 'NetworkPolicy');
      for (const pod of pods()) {
        const own = policies.filter((policy) => isSelected(pod.labels, selectorOf(policy)));
        assert.equal(own.length, 1, pod.owner);
        const spec = own[0]!['spec'] as { policyTypes: string[] };
        assert.deepEqual(spec.policyTypes, ['Ingress', 'Egress']);
      }
    });
  });
}

/** What an example adds by itself has the shape that its author gave it. */
function isOurs({ metadata }: KubeObject): boolean {
  return metadata.labels?.['helm.sh/chart'] !== undefined;
}

function assertConfined({ name, securityContext }: IContainer, owner: string): void {
  const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, privileged } = securityContext!;
  assert.deepEqual(
    { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, privileged },
    {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      privileged: undefined,
    },
    `${owner} ${name}`,
  );
}

function selectorOf(object: KubeObject): Record<string, string> {
  const { selector, podSelector } = object['spec'] as {
    selector?: Record<string, string> & { matchLabels?: Record<string, string> };
    podSelector?: { matchLabels: Record<string, string> };
  };
  return podSelector?.matchLabels ?? selector?.matchLabels ?? selector!;
}
