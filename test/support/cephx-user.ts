/** cephx users of a test's own on the development cloud's Ceph, with the caps that deploy/ceph/README.md tells or fewer. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ceph } from './rbd-image.ts';

/** By the daemon that grants them: `mon`, `osd`, `mgr`. */
export type CephCaps = Readonly<Record<string, string>>;

export interface CephxUser {
  /** Without `client.`. */
  name: string;
  keyringPath: string;
  /** Holds from the next connection on; every program that the service starts makes one. */
  setCaps(caps: CephCaps): Promise<void>;
  remove(): Promise<void>;
}

const readme = join(import.meta.dirname, '../../deploy/ceph/README.md');

/** Of the first command there: what an operator copies is what is tested. */
export function documentedCaps(): CephCaps {
  const [block = ''] =
    /ceph auth get-or-create client\.emberkeep[\s\S]*?-o /.exec(readFileSync(readme, 'utf8')) ?? [];
  const caps = [...block.matchAll(/\b(mon|mgr|osd) '([^']+)'/g)].map(([, daemon = '', cap = '']) => [
    daemon,
    cap,
  ]);
  if (caps.length === 0) throw new Error(`there are no caps in ${readme}`);
  return Object.fromEntries(caps) as CephCaps;
}

/** The grant of `osd` that names the pool is left out. */
export function withoutPool(caps: CephCaps, pool: string): CephCaps {
  const grants = (caps['osd'] ?? '').split(', ');
  const kept = grants.filter((grant) => !grant.endsWith(` pool=${pool}`));
  if (kept.length !== grants.length - 1) throw new Error(`no single grant names pool ${pool}`);
  return { ...caps, osd: kept.join(', ') };
}

export async function makeCephxUser(name: string, caps: CephCaps, directory: string): Promise<CephxUser> {
  const keyringPath = join(directory, `ceph.client.${name}.keyring`);
  await writeFile(
    keyringPath,
    await ceph('auth', 'get-or-create', `client.${name}`, ...Object.entries(caps).flat()),
    {
      mode: 0o600,
    },
  );
  return {
    name,
    keyringPath,
    setCaps: async (next) => {
      await ceph('auth', 'caps', `client.${name}`, ...Object.entries(next).flat());
    },
    remove: async () => {
      await ceph('auth', 'del', `client.${name}`);
      await rm(keyringPath);
    },
  };
}
