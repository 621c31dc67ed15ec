/**
 * Why a point is damaged or could not be verified, with its code: the messages of what finds that out, as the catalog keeps them.
 * A test reads the sources.
 */
import { recognizer, type SaidText } from './said-text.ts';

export const damageReasons = {
  'segment-missing': 'Segment {number} of link {link} is damaged: it is missing.',
  'segment-checksum': 'Segment {number} of link {link} is damaged: its checksum does not match.',
  segment: 'Segment {number} of link {link} is damaged: {what}.',
  'index-missing': 'The index of link {link} is damaged: it is missing.',
  'index-checksum': 'The index of link {link} is damaged: its checksum does not match.',
  index: 'The index of link {link} is damaged: {what}.',
  'index-malformed': "The link's index is malformed at byte {at}: {what}.",
  'link-missing': 'Link {link} is not in {store}.',
  'manifest-foreign': "{key} belongs to {id}: the store's files were mixed up.",
  'manifest-checksum':
    '{name} is damaged: its checksum does not match. Restore it from a copy of the store, or take a new full backup.',
  'manifest-malformed': '{name} is not a valid manifest: {what}.',
  'data-key': 'The data key of link {link} is damaged: the master key {key} does not open it.',
  'chain-broken': 'The chain of link {link} lacks {missing}.',
  'chain-order': 'Link {link} does not stand on the one before.',
  'chain-empty': 'The chain has no link.',
  'chain-of-disk-empty': 'the chain of this disk is empty',
  'found-before': 'it was found damaged before',
  'diff-headers':
    'The rbd diff stream is not the one that was asked for: its {what} is {found}, expected {expected}.',
  'diff-truncated':
    'The rbd diff stream stopped after {bytes} bytes without its end record; the export did not complete.',
  'diff-malformed': 'The rbd diff stream is malformed at byte {at}: {what}.',
  'import-snapshot': '{image} lacks snapshot {snapshot} after its import',
  'import-size': '{image} has {found} bytes after its import, the point had {expected}',
  'read-back':
    '{disk}: what was read back from {image} after its import differs from the store {difference}; the store, the import or the cluster is wrong: verify with --full, and look at the health of the cluster',
  'source-differs':
    '{disk}: the restored point differs from snapshot {snapshot} of {image} {difference}; the point is not what the disk was, and the next backup starts a new chain',
} as const;
export type DamageCode = keyof typeof damageReasons;

const find = recognizer<DamageCode>(damageReasons);
/** How a verification counts what it found in one link, behind the first of it. */
const counted = /^([^]+) \((\d+) damages in all\)$/;

/** With the parameter `count` where there is more than one damage. undefined for what no template fits: it is shown as it is. */
export function damageReasonOf(text: string): SaidText<DamageCode> | undefined {
  const [, first = text, count] = counted.exec(text) ?? [];
  const said = find(first);
  return said === undefined || count === undefined ? said : { ...said, params: { ...said.params, count } };
}
