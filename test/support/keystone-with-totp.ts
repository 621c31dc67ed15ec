/** One more real Keystone on the cloud's database that also takes one-time passcodes, which the cloud's own does not. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { devcloudFile } from './devcloud.ts';

/** Keystone's own list first: tokens name their methods by their places in it, and the cloud's Keystone reads these too. */
const methods = 'external,password,token,oauth1,mapped,application_credential,totp';

export interface SecondKeystone {
  /** With /v3. */
  authUrl: string;
  close(): Promise<void>;
}

export async function startKeystoneWithTotp(): Promise<SecondKeystone> {
  const directory = await mkdtemp('/tmp/ek-keystone-');
  // Keystone takes the secret out of the very credential that an in-memory cache keeps, and then misses it.
  const conf = (await readFile(devcloudFile('etc/keystone/keystone.conf'), 'utf8')).replace(
    '[cache]\nenabled = true',
    '[cache]\nenabled = false',
  );
  const keys = devcloudFile('data/keystone/fernet');
  await writeFile(
    join(directory, 'keystone.conf'),
    `${conf}\n[auth]\nmethods = ${methods}\n[fernet_receipts]\nkey_repository = ${keys}\n`,
  );
  const port = await freePort();
  const settings = ['--need-app', '--die-on-term', '--enable-threads', '--threads=4', '--buffer-size=65535'];
  const server = spawn(
    'uwsgi_python3',
    [
      `--http-socket=127.0.0.1:${port}`,
      '--wsgi-file=/usr/bin/keystone-wsgi-public',
      '--rem-header=Content-Length',
      ...settings,
    ],
    {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', OS_KEYSTONE_CONFIG_DIR: directory },
      stdio: 'ignore',
    },
  );
  const exited = once(server, 'exit');
  const close = async (): Promise<void> => {
    server.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true });
  };
  const authUrl = `http://127.0.0.1:${port}/v3`;
  for (let round = 0; round < 300; round += 1) {
    if (server.exitCode !== null) break;
    const answers = await fetch(authUrl).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { authUrl, close };
    await sleep(200);
  }
  await close();
  throw new Error('the second Keystone did not start');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 6238 with its usual settings: SHA-1, 30 s, six digits. @param secret base32. */
export function totp(secret: string, at: Date): string {
  const bits = Array.from(secret, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
