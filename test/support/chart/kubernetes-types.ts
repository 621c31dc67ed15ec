/** Rendered objects against Kubernetes' schemas: values by validators, unknown fields by the TypeScript compiler. */
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import * as gateway from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as prometheus from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { resolve } from 'node:path';
import ts from 'typescript';
import type { KubeObject } from './render-chart.ts';

const modules: Readonly<Record<string, [string, Record<string, unknown>]>> = {
  v1: ['kubernetes-models/v1', core],
  'apps/v1': ['kubernetes-models/apps/v1', apps],
  'autoscaling/v2': ['kubernetes-models/autoscaling/v2', autoscaling],
  'batch/v1': ['kubernetes-models/batch/v1', batch],
  'networking.k8s.io/v1': ['kubernetes-models/networking.k8s.io/v1', networking],
  'policy/v1': ['kubernetes-models/policy/v1', policy],
  'gateway.networking.k8s.io/v1': ['@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1', gateway],
  'monitoring.coreos.com/v1': ['@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1', prometheus],
};

type ModelClass = new (data: unknown) => { validate(): void };

/** Throws what is wrong with the object's values, or when nobody knows its kind. */
export function assertValid(object: KubeObject): void {
  const Model = modules[object.apiVersion]?.[1][object.kind] as ModelClass | undefined;
  if (Model === undefined) throw new Error(`there is no schema of ${object.apiVersion} ${object.kind}`);
  new Model(object).validate();
}

/** Fields that Kubernetes does not know, and values of a wrong type: one text each, from one run of the compiler. */
export function typeErrors(objects: readonly KubeObject[]): string[] {
  const path = resolve('test/support/chart/rendered-objects.ts');
  const text = objects.map(declaration).join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === path || disk.fileExists(name),
    readFile: (name) => (name === path ? text : disk.readFile(name)),
    getSourceFile: (name, version) =>
      name === path ? ts.createSourceFile(name, text, version) : disk.getSourceFile(name, version),
  };
  const program = ts.createProgram([path], options, host);
  return ts.getPreEmitDiagnostics(program).map((problem) => {
    const lines = text.slice(0, problem.start ?? 0).split('\n').length - 1;
    const { kind, metadata } = objects[lines]!;
    return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`;
  });
}

/** One line an object, so that a problem's line is the object's number. */
function declaration(object: KubeObject, index: number): string {
  const [name] = modules[object.apiVersion] ?? ['unknown'];
  const { apiVersion, kind, ...rest } = object;
  const type = `import(${JSON.stringify(name)}).I${kind}`;
  const literal = JSON.stringify({ apiVersion, kind, ...rest });
  return `export const object${index}: ${type} = ${literal};`;
}
