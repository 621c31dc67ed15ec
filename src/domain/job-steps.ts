import { recognizer } from './said-text.ts';

/**
 * Stable codes of what jobs record as their steps. A step is durable text, also of versions before these codes, so the
 * code is found from it: `{name}` in a template stands for what differs.
 */
export const jobSteps = {
  begun: 'begun',
  planned: 'planned',
  'planned-again': 'planned again',
  'snapshots-taken': 'snapshots taken',
  'older-snapshots-released': 'older snapshots released',
  'snapshots-released': 'snapshots released',
  'compared-with-source': 'compared with the source',
  'point-stored': 'point stored',
  'point-committed': 'point committed',
  'pausing-instance': 'pausing the instance',
  'disk-imported': 'imported {disk}',
  'another-image': 'another image for {disk}',
  'image-placed': 'image placed for {disk}',
  'volume-made': 'volume made for {disk}',
  'exchanging-volumes': 'exchanging the volumes for {disk}',
  'volumes-exchanged': 'volumes exchanged for {disk}',
  'stopping-instance': 'stopping instance {instance}',
  'instance-stopped': 'instance {instance} is stopped',
  'writing-back': 'writing back into the image of {disk}',
  'to-be-written-back': '{disk} is to be written back',
  'written-back': 'written back into the image of {disk}',
  'swapping-image': 'swapping the image of {disk}',
  'image-swapped': 'image swapped of {disk}',
  'safety-snapshot': 'safety snapshot taken of {disk}',
  'disks-in-place': 'disks are in place',
  'instance-released': 'instance released',
  'taking-back': 'taking back what was done',
  'what-was-there-is-back': 'what was there is back',
  'putting-back': 'putting back what was there',
  'disks-are-back': 'the disks are what they were',
  'putting-old-volumes-back': 'putting the old volumes back',
  'old-volumes-back': 'the old volumes are back in their places',
  'restored-volumes-done': 'the restored volumes are dealt with',
  remark: 'a remark',
  'making-instance': 'making the instance',
  'instance-made': 'instance made',
  'points-verified': 'points verified: {count}',
  proving: 'proving {point}',
  passed: 'passed {point}',
  'points-deleted': '{count} points deleted',
  'links-dropped': '{count} links dropped',
  'folding-links': 'folding links of {disk}',
  'links-folded': 'links of {disk} folded',
  'folded-removed': 'folded links of {disk} removed',
  'links-left': 'links of {disk} left as they are',
  'looked-for': 'looked for {what}',
  'compared-with-store': 'compared with store and clusters',
  'points-read': '{count} points read',
  'deleted-links-read': 'links of deleted points read',
} as const;
export type JobStepCode = keyof typeof jobSteps;

/** undefined for what no template fits: it is shown as it is. */
export const jobStepOf = recognizer(jobSteps);
