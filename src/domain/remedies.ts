/**
 * What to do about something that stands against a restore, with its code: the part of a refusal's message behind its last
 * semicolon. A test reads the sources.
 */
import { recognizer, type SaidText } from './said-text.ts';

export const remedies = {
  'another-name': 'choose another --name',
  'flavor-list': 'see `openstack flavor list` of the project',
  'name-flavor': 'name one with --flavor',
  'zone-list': 'see `openstack availability zone list --compute`, or leave it out',
  'keypair-list': 'see `openstack keypair list`, or leave it out',
  'network-list': 'see `openstack network list` of the project',
  'name-networks': 'name others with --network',
  'use-id': 'use an id',
  'use-ids': 'use one of their ids: {ids}',
  'disks-are': 'it has {disks}',
  'raise-quota': 'delete what is not needed, or have the quota raised',
  'mode-image-disks': 'restore the disks with mode image',
  'enable-project': 'enable it, or restore the disks with mode image',
  'another-mode': 'restore it with another mode',
  'mode-volume': 'restore with mode volume',
  'it-mode-volume': 'restore it with mode volume',
  'mode-volume-boot': 'restore it with mode volume and boot from that',
  'mode-image': 'restore it with mode image',
  'in-place-or-image': 'restore it in place or with mode image',
  'in-place-while-there': 'restore it in place while the volume is there, or with mode image',
  'root-too': 'name it with --disk too, or restore with mode volume',
  'extend-first': 'extend it to {size} GiB first, or restore it with mode volume',
  'start-or-stop': 'only one that is ACTIVE or SHUTOFF can be restored in place: start or stop it first',
  'close-there': 'close it there and restore again',
  close: 'close it and restore again',
  'remove-or-rename': 'remove it or restore under another name',
  'restore-again': 'restore again',
  'restore-again-too': 'restore again, which stops that one too',
  'wait-for-job': 'try again when it has ended (`emberkeep job watch {job}`)',
  'rbd-status': 'see rbd status',
  'scoped-token': 'use a token scoped to a project',
  'no-name': 'leave the name out',
  'check-volume-service': 'check openstack volume service list, or restore with mode image',
  'other-ceph':
    '{backends} up, but on a Ceph with another fsid than the clusters of the configuration: point Cinder to cluster "{cluster}" (rbd_ceph_conf), or restore with mode image',
  'delete-then-undo': 'delete them, then undo again',
  'detach-first': 'detach it there first',
  'undo-first': 'undo that restore first',
  'undo-one-first': 'undo that one first',
  'keeps-content': 'volume {volume} is what it had',
  'stays-there': 'volume {volume} stays where it is',
  untouched: 'nothing was touched',
  'untouched-restore': 'nothing was touched: restore a point instead',
  'untouched-rename': 'nothing was touched: give the image that the disk shall have its name with rbd mv',
} as const;
export type RemedyCode = keyof typeof remedies;
export const remedyCodes = Object.keys(remedies) as [RemedyCode, ...RemedyCode[]];

/** undefined for what no template fits: it is shown as it is. */
export const remedyOf: (text: string) => SaidText<RemedyCode> | undefined = recognizer<RemedyCode>(remedies);
