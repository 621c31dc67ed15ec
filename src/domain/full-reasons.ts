/** Why a link is a full, as `decideLink` explains it, by code. */
export const fullReasons = {
  requested: 'a full was asked for',
  'store-changed': "the disk's points are in store {store}; this is its first in this store",
  first: 'this disk has no complete point to go on from',
  'cycle-length': 'the chain has its {increments} increments',
  'cycle-age': 'the chain is {days} days old',
  'cluster-changed': 'the disk was on cluster {before}, now it is on {now}',
  'image-moved': 'the disk was in pool {before}, now it is in {now}',
  'image-recreated': "the image has another id ({id}) than the last point's ({before})",
  'snapshot-missing': 'snapshot {snapshot} of the last point is gone',
  'snapshot-recreated': "snapshot {snapshot} has another id ({id}) than the last point's ({before})",
  other: '{why}',
} as const;
