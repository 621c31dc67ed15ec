import type { CephCluster } from './cluster.ts';
import { askCeph, runCephJson } from './command.ts';
import { asRow, asRows, count, text } from './rows.ts';

export interface CephPool {
  pool: string;
  /** Bytes that the pool's objects take, copies included. */
  usedBytes: number;
  /** What Ceph thinks can still be written to it. */
  availableBytes: number;
}

/** The cluster's fsid. */
export async function clusterId(cluster: CephCluster): Promise<string> {
  return (await askCeph(cluster, 'ceph', ['fsid'])).trim();
}

/** Pools of application `rbd` or of none told, by `ceph df`. */
export async function listPools(cluster: CephCluster): Promise<CephPool[]> {
  const row = asRow(await runCephJson(cluster, 'ceph', ['df']), 'df');
  return asRows(row['pools'], 'pools').map((pool) => {
    const stats = asRow(pool['stats'], 'stats');
    return {
      pool: text(pool, 'name'),
      usedBytes: count(stats, 'bytes_used'),
      availableBytes: count(stats, 'max_avail'),
    };
  });
}
