/**
 * Runs rendered pods on this machine as Kubernetes would: each container in a mount namespace of its own, whose root holds the
 * system's programs, this repository in the place of the image, and exactly the pod's mounts; as the pod's user, without
 * capabilities, with the container's variables and no others. What is missing in the cluster's objects fails the pod.
 * Not the same: the network is the host's, and no seccomp profile is set.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { IContainer, IVolume } from 'kubernetes-models/v1';
import { podsOf, type Pod } from './pods.ts';
import { ofKind, type KubeObject } from './render-chart.ts';

/** By `Secret/NAME` or `ConfigMap/NAME`: key to text. */
export type GivenObjects = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface RunningContainer {
  child: ChildProcess;
  /** What it wrote so far, both streams. */
  said: () => string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
}

const repository = resolve(import.meta.dirname, '../../..');
/** Where the image has it. */
const program = '/opt/emberkeep';
const path = `${program}-path:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin`;

/** The root is made read-only when everything hangs in it; `setpriv` takes root's rights away for good. */
const script = `
root=$1 user=$2 group=$3
shift 3
mount --bind "$root" "$root"
mount --bind /usr "$root/usr"
mount --bind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount --bind ${repository} "$root${program}"
while [ "$1" != -- ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$root$2"; fi
  shift 3
done
shift
mount -o remount,bind,ro "$root"
cd "$root"
exec chroot "$root" setpriv --reuid "$user" --regid "$group" --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"
`;

export class PodHost {
  readonly #directory: string;
  readonly #objects: readonly KubeObject[];
  readonly #given: GivenObjects;
  readonly #hosts: readonly string[];
  #count = 0;

  /**
   * @param given what the operator has made, beside what is rendered.
   * @param hosts names that lead to this machine.
   */
  constructor(
    directory: string,
    {
      objects,
      given,
      hosts,
    }: { objects: readonly KubeObject[]; given: GivenObjects; hosts: readonly string[] },
  ) {
    this.#directory = directory;
    this.#objects = objects;
    this.#given = given;
    this.#hosts = hosts;
  }

  /** Runs the init containers to their end and starts the container. `owner` is KIND/NAME. */
  async start(owner: string): Promise<RunningContainer> {
    const pod = podsOf(this.#objects).find((one) => one.owner === owner);
    const [container] = pod?.spec.containers ?? [];
    if (pod === undefined || container === undefined) throw new Error(`there is no pod of ${owner}`);
    const place = join(this.#directory, `${(this.#count += 1)}-${owner.replace('/', '-')}`);
    const volumes = await this.#makeVolumes(pod, place);
    for (const first of pod.spec.initContainers ?? []) {
      const run = await this.#run(pod, first, join(place, first.name), volumes);
      const code = await run.ended;
      if (code !== 0) throw new Error(`${owner}: ${first.name} ended with ${code}: ${run.said()}`);
    }
    return await this.#run(pod, container, join(place, container.name), volumes);
  }

  /** Waits for the end too; throws with what it said unless it ended with 0. */
  async complete(owner: string): Promise<string> {
    const run = await this.start(owner);
    const code = await run.ended;
    if (code !== 0) throw new Error(`${owner} ended with ${code}: ${run.said()}`);
    return run.said();
  }

  async #run(
    { spec }: Pod,
    container: IContainer,
    place: string,
    volumes: ReadonlyMap<string, string>,
  ): Promise<RunningContainer> {
    const root = await this.#makeRoot(place);
    const mounts = (container.volumeMounts ?? []).flatMap(({ name, mountPath, readOnly }) => {
      const source = volumes.get(name);
      if (source === undefined) throw new Error(`there is no volume ${name}`);
      return [source, mountPath, readOnly === true ? 'ro' : 'rw'];
    });
    const { runAsUser = 0, runAsGroup = 0 } = spec.securityContext ?? {};
    const command = [...(container.command ?? ['emberkeep']), ...(container.args ?? [])];
    const child = spawn(
      'unshare',
      // prettier-ignore
      ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', root, String(runAsUser), String(runAsGroup), ...mounts, '--', ...command],
      { env: { PATH: path, ...this.#variables(container) }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, said: () => text, ended };
  }

  /** What an image has besides programs. */
  async #makeRoot(root: string): Promise<string> {
    for (const folder of [
      'usr',
      'dev',
      'proc',
      'etc',
      'opt/emberkeep',
      'opt/emberkeep-path',
      'var/lib',
      'srv',
      'tmp',
    ])
      await mkdir(join(root, folder), { recursive: true });
    for (const link of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${link}`, join(root, link));
    await writeFile(
      join(root, 'etc/passwd'),
      'emberkeep:x:42424:42424::/var/lib/emberkeep:/usr/sbin/nologin\n',
    );
    await writeFile(join(root, 'etc/group'), 'emberkeep:x:42424:\n');
    await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost ${this.#hosts.join(' ')}\n`);
    const node = `${program}/node_modules/node/bin/node`;
    await symlink(node, join(root, 'opt/emberkeep-path/node'));
    const start = join(root, 'opt/emberkeep-path/emberkeep');
    await writeFile(start, `#!/bin/sh\nexec ${node} --max-semi-space-size=4 ${program}/src/main.ts "$@"\n`);
    await chmod(start, 0o755);
    return root;
  }

  async #makeVolumes({ spec }: Pod, place: string): Promise<Map<string, string>> {
    const made = new Map<string, string>();
    const group = spec.securityContext?.fsGroup ?? 0;
    for (const volume of spec.volumes ?? [])
      made.set(volume.name, await this.#makeVolume(volume, place, group));
    return made;
  }

  async #makeVolume(volume: IVolume, place: string, group: number): Promise<string> {
    const { name, emptyDir, persistentVolumeClaim: claim, nfs } = volume;
    // All pods of a release share these.
    const shared = nfs === undefined ? claim?.claimName : 'nfs';
    const folder =
      shared === undefined ? join(place, 'volumes', name) : join(this.#directory, 'shared', shared);
    await mkdir(folder, { recursive: true });
    if (emptyDir === undefined && shared === undefined) await this.#writeFiles(volume, folder, group);
    else {
      await chown(folder, 0, group);
      await chmod(folder, 0o2770);
    }
    return folder;
  }

  /** Of a Secret or ConfigMap, with their mode, for the pod's group. */
  async #writeFiles({ secret, configMap }: IVolume, folder: string, group: number): Promise<void> {
    const object = secret === undefined ? ['ConfigMap', configMap?.name] : ['Secret', secret.secretName];
    const { items, defaultMode = 0o644 } = secret ?? configMap ?? {};
    const texts = this.#textsOf(object.join('/'));
    for (const { key, path: file } of items ?? Object.keys(texts).map((key) => ({ key, path: key }))) {
      const text = texts[key];
      if (text === undefined) throw new Error(`${object.join('/')} has no key ${key}`);
      await writeFile(join(folder, file), text);
      await chown(join(folder, file), 0, group);
      await chmod(join(folder, file), defaultMode);
    }
  }

  #variables({ env = [], envFrom = [] }: IContainer): Record<string, string> {
    const all: Record<string, string> = {};
    for (const { secretRef } of envFrom) Object.assign(all, this.#textsOf(`Secret/${secretRef?.name ?? ''}`));
    for (const { name, value, valueFrom } of env) {
      const from = valueFrom?.secretKeyRef;
      const text = from === undefined ? value : this.#textsOf(`Secret/${from.name ?? ''}`)[from.key];
      if (text === undefined) throw new Error(`variable ${name} has no value`);
      all[name] = text;
    }
    return all;
  }

  #textsOf(object: string): Readonly<Record<string, string>> {
    const rendered = ofKind(this.#objects, 'Secret', 'ConfigMap').find(
      ({ kind, metadata }) => `${kind}/${metadata.name}` === object,
    );
    const texts = rendered?.['stringData'] ?? rendered?.['data'] ?? this.#given[object];
    if (texts === undefined) throw new Error(`there is no ${object} in the cluster`);
    return texts as Record<string, string>;
  }
}
