/** A whole service in a process of its own that its test can have killed at any call; run by worker-process.ts. */
import { startService, type Service } from '../../src/compose.ts';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/drivers/telemetry/logger.ts';
import { credentialsOf, devcloud, noConfig } from '../support/devcloud.ts';
import { KillSwitch, type KillOrder, type WorkerMessage } from './kill-switch.ts';

/** What the test tells the worker. */
export type WorkerCommand =
  | { type: 'start'; env: Record<string, string>; kill: KillOrder | undefined; slowChunkMs: number }
  | { type: 'arm'; kill: KillOrder | undefined; slowChunkMs: number };

const killSwitch = new KillSwitch(tell);
let service: Service | undefined;

function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}

async function start(env: Record<string, string>): Promise<void> {
  const { cephConf, cloudsYaml } = devcloud();
  const config = loadConfig({
    env: { EMBERKEEP_CONFIG: noConfig, CEPH_CONF: cephConf, OS_CLIENT_CONFIG_FILE: cloudsYaml, ...env },
  });
  service = await startService(config, {
    credentials: credentialsOf('emberkeep'),
    logger: createLogger({ level: process.env['EMBERKEEP_TEST_LOG'] === undefined ? 'silent' : 'debug' }),
    version: '0.0.0-test',
    listen: { host: '127.0.0.1', port: 0 },
    decorate: killSwitch.decorate,
  });
}

process.on('message', (command: WorkerCommand) => {
  killSwitch.slowChunkMs = command.slowChunkMs;
  killSwitch.arm(command.kill);
  if (command.type === 'arm') {
    tell({ type: 'armed' });
    return;
  }
  start(command.env).then(
    () => tell({ type: 'started' }),
    (error: unknown) => tell({ type: 'failed', message: error instanceof Error ? error.message : '' }),
  );
});

// As main.ts does, with less patience for what runs.
process.on('SIGTERM', () => {
  void service?.stop({ graceful: true, timeoutMs: 200 }).then(() => process.exit(0));
});
// Nobody is left to end it otherwise.
process.on('disconnect', () => process.exit(1));
tell({ type: 'loaded' });
