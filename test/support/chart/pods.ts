/** The pods that rendered objects make. */
import type { IContainer, IPodSpec } from 'kubernetes-models/v1';
import type { KubeObject } from './render-chart.ts';

export interface Pod {
  /** KIND/NAME of what makes it. */
  owner: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  selector: Record<string, string> | undefined;
  spec: IPodSpec;
}

interface Template {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: IPodSpec;
}

export function podsOf(objects: readonly KubeObject[]): Pod[] {
  return objects.flatMap((object) => {
    const owner = `${object.kind}/${object.metadata.name}`;
    if (object.kind === 'Pod') {
      const { labels = {}, annotations = {} } = object.metadata;
      return [{ owner, labels, annotations, selector: undefined, spec: object['spec'] as IPodSpec }];
    }
    const spec = object['spec'] as
      { template?: Template; selector?: { matchLabels?: Record<string, string> } } | undefined;
    if (spec?.template === undefined) return [];
    const { metadata, spec: podSpec } = spec.template;
    const { labels, annotations = {} } = metadata;
    return [{ owner, labels, annotations, selector: spec.selector?.matchLabels, spec: podSpec }];
  });
}

export function containersOf({ spec }: Pod): IContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

export function isSelected(labels: Record<string, string>, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
