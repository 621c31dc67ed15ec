/** Containers of the built image on this machine's podman, as docs/install/image.md tells to run them. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Nothing but what is mounted can be written; `/tmp` and `/run` are not made writable by podman either. */
const confined = [
  '--network=host',
  '--read-only',
  '--read-only-tmpfs=false',
  '--user=42424:42424',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
];

export interface ContainerOptions {
  /** Directory of this machine to path in the container, `:ro` behind it when it is not to be written. */
  mounts?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Names that lead to this machine. */
  hosts?: readonly string[];
  entrypoint?: string;
}

export interface ImageConfig {
  Labels: Record<string, string>;
  User: string;
  Entrypoint: string[];
  Healthcheck?: { Test: string[] };
}

export class Containers {
  readonly image: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(image: string, env: NodeJS.ProcessEnv) {
    this.image = image;
    this.#env = env;
  }

  /** `EMBERKEEP_IMAGE` names the image; `directory` takes podman's settings for this machine. */
  static async open(directory: string): Promise<Containers> {
    const image = process.env['EMBERKEEP_IMAGE'];
    if (image === undefined)
      throw new Error('EMBERKEEP_IMAGE names no image: build one with deploy/image/build-local.sh');
    const script = resolve(import.meta.dirname, '../../../deploy/image/containers-conf.sh');
    const conf = join(directory, 'containers.conf');
    await writeFile(conf, (await execute('bash', [script])).stdout);
    // The tests ask for the health check themselves; podman would want a systemd timer to do it.
    return new Containers(image, { ...process.env, CONTAINERS_CONF: conf, DISABLE_HC_SYSTEMD: 'true' });
  }

  async imageConfig(): Promise<ImageConfig> {
    const [found] = JSON.parse(await this.podman('image', 'inspect', this.image)) as [
      { Config: ImageConfig; Healthcheck?: { Test: string[] } },
    ];
    return { ...found.Config, ...(found.Healthcheck ? { Healthcheck: found.Healthcheck } : {}) };
  }

  /** Runs to the end; gives its standard output, throws with all that it said unless it ended with 0. */
  async complete(command: readonly string[], options: ContainerOptions = {}): Promise<string> {
    return await this.podman('run', '--rm', ...this.#arguments(options), ...command);
  }

  async start(name: string, command: readonly string[], options: ContainerOptions): Promise<void> {
    await this.podman('run', '--detach', `--name=${name}`, ...this.#arguments(options), ...command);
  }

  /** Sends SIGTERM and waits, a minute at most; gives the exit code and all that was said. */
  async stop(name: string): Promise<{ code: number; said: string }> {
    await this.podman('stop', '--time=60', name);
    const code = await this.podman('inspect', '--format={{.State.ExitCode}}', name);
    return { code: Number(code), said: await this.said(name) };
  }

  async isRunning(name: string): Promise<boolean> {
    return (await this.podman('inspect', '--format={{.State.Running}}', name)).trim() === 'true';
  }

  /** Both streams. */
  async said(name: string): Promise<string> {
    const { stdout, stderr } = await execute('podman', ['logs', name], { env: this.#env });
    return stdout + stderr;
  }

  async remove(name: string): Promise<void> {
    await this.podman('rm', '--force', '--time=0', '--ignore', name);
  }

  async podman(...args: string[]): Promise<string> {
    const { stdout } = await execute('podman', args, { env: this.#env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }

  #arguments({ mounts = {}, env = {}, hosts = [], entrypoint }: ContainerOptions): string[] {
    return [
      ...confined,
      ...Object.entries(mounts).map(([source, target]) => `--volume=${source}:${target}`),
      ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
      ...hosts.map((host) => `--add-host=${host}:127.0.0.1`),
      ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
      this.image,
    ];
  }
}
