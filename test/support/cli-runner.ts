import { PassThrough, Writable } from 'node:stream';
import { AppError } from '../../src/base/errors.ts';
import type { CliConfig, CliDeps, OpenStackOptions, StartServiceOptions } from '../../src/entry/cli/deps.ts';
import { runCli } from '../../src/entry/cli/run-cli.ts';

export interface CliOutcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CliRunOptions {
  /** Service that the configuration names; undefined for none. */
  endpoint?: string | undefined;
  /** Token that Keystone gives for what the options and the environment say. */
  token?: string;
  stateDir?: string;
  isTty?: boolean;
  /** What the person types. */
  input?: string;
  now?: Date;
  startService?: CliDeps['startService'];
  authenticate?: CliDeps['authenticate'];
  openOffline?: CliDeps['openOffline'];
  loadConfig?: () => Promise<CliConfig>;
  migrateDatabase?: CliDeps['migrateDatabase'];
}

export interface CliRun {
  done: Promise<CliOutcome>;
  /** As Ctrl-C does. */
  interrupt(): void;
  /** What standard error holds so far. */
  said(): string;
  /** What the command line asked its surroundings for. */
  asked: {
    openstack: OpenStackOptions[];
    started: StartServiceOptions[];
    bootstraps: Record<string, unknown>[];
  };
}

/** The real command line in this process, with streams that are caught. */
export function startCli(argv: readonly string[], options: CliRunOptions = {}): CliRun {
  const stdout = new Captured();
  const stderr = new Captured();
  const stdin = new PassThrough();
  stdin.end(options.input ?? '');
  const listeners = new Set<() => void>();
  const asked: CliRun['asked'] = { openstack: [], started: [], bootstraps: [] };
  const { isTty = false, stateDir = '/nonexistent', token = 'member' } = options;
  const config: CliConfig = { endpoint: options.endpoint, stateDir, listen: '127.0.0.1:0', file: undefined };
  const deps: CliDeps = {
    stdin,
    stdout,
    stderr,
    isTty: { stdin: isTty, stdout: isTty, stderr: isTty },
    now: () => options.now ?? new Date('2026-11-22T12:00:00Z'),
    version: '1.2.3',
    loadConfig: options.loadConfig ?? (() => Promise.resolve(config)),
    describeConfig: () =>
      Promise.resolve({ stateDir, database: { url: 'postgresql://u:***@db/x' }, limits: [1, 2] }),
    sampleConfig: () => Promise.resolve('# sample\n'),
    checkConfig: () => Promise.resolve([]),
    bootstrapKeystone: (_config, _openstack, passwordFile, request) => {
      asked.bootstraps.push({ passwordFile, ...request });
      return Promise.resolve([{ what: 'user emberkeep', outcome: 'kept' }]);
    },
    migrateDatabase: async (given, how) => {
      if (options.migrateDatabase !== undefined) return await options.migrateDatabase(given, how);
      throw new AppError('BUG_TEST', 'no database was meant to be migrated');
    },
    authenticate: async (given, openstack) => {
      asked.openstack.push(openstack);
      return (await options.authenticate?.(given, openstack)) ?? { token };
    },
    openOffline: async (given, open) => {
      if (options.openOffline !== undefined) return await options.openOffline(given, open);
      throw new AppError('BUG_TEST', 'no store was meant to be opened');
    },
    startService: async (given, start) => {
      asked.started.push(start);
      if (options.startService !== undefined) return await options.startService(given, start);
      throw new AppError('BUG_TEST', 'no service was meant to be started');
    },
    onInterrupt: (callback) => {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  const done = runCli(argv, deps).then((code) => ({ code, stdout: stdout.text, stderr: stderr.text }));
  return {
    done,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    said: () => stderr.text,
    asked,
  };
}

class Captured extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
