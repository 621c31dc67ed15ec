/** How to reach one Ceph cluster; the name is ours, `ceph` in the simplest configuration. */
export interface CephCluster {
  name: string;
  /** Path of ceph.conf. */
  confPath: string;
  /** cephx user without `client.`, such as `emberkeep`. */
  user: string;
  /** Path of the keyring; undefined leaves it to ceph.conf. The key itself never passes through here (I10). */
  keyringPath: string | undefined;
  /**
   * Objects that one export or import works on at once (`rbd_concurrent_management_ops`, rbd.yaml.in): more is faster
   * on a fast cluster, takes more memory and leaves less to the guests. Undefined: what ceph.conf says, else 10.
   */
  concurrentOps?: number | undefined;
  /** How long a program may wait for room in a full pool; two minutes when undefined. */
  fullPatience?: FullPatience | undefined;
}

/** See full-pool.ts. */
export interface FullPatience {
  /** How often is looked while a program writes, ms. */
  lookMs: number;
  /** How long room is waited for, from the first look that found the pool full, ms. */
  waitMs: number;
}

/** Options every command of Ceph's takes. `client_mount_timeout` bounds the wait for monitors that are away, seconds. */
export function clusterArguments(cluster: CephCluster): string[] {
  return [
    `--conf=${cluster.confPath}`,
    `--id=${cluster.user}`,
    ...(cluster.keyringPath === undefined ? [] : [`--keyring=${cluster.keyringPath}`]),
    '--client_mount_timeout=20',
  ];
}

/** For `rbd export-diff` and `import-diff`. */
export function transferArguments({ concurrentOps }: CephCluster): string[] {
  return concurrentOps === undefined ? [] : [`--rbd-concurrent-management-ops=${concurrentOps}`];
}
