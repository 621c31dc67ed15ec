/**
 * Refusals of Cinder and Nova that backups, restores and their undos meet, and what helps against each. What they say is
 * of Zed and alike in later releases; a text that is not known is shown with its status, as everything else is.
 */
interface KnownAnswer {
  serviceType: 'block-storage' | 'compute';
  status: readonly number[];
  said: RegExp;
  /** What it means here, and after a colon or semicolon what to do. */
  help: string;
}

const known: readonly KnownAnswer[] = [
  {
    serviceType: 'block-storage',
    status: [403],
    said: /volume_(?:un)?manage\b/,
    help: `Cinder lets only an administrator make an image a volume: give the service's user the role admin, inherited by the projects of the domain (docs/install/configuration.md, "The service user")`,
  },
  {
    serviceType: 'block-storage',
    status: [400],
    said: /Host .* not found/,
    help: 'Cinder has no such backend, or has never heard of it: see `openstack volume service list --service cinder-volume`, start or correct the backend, then restore again',
  },
  {
    serviceType: 'block-storage',
    status: [400],
    said: /already managed/,
    help: 'the image is a volume of Cinder already, so somebody took it over meanwhile: find the volume with `openstack volume list --all-projects`, then restore again',
  },
  {
    serviceType: 'block-storage',
    status: [400],
    said: /Malformed request url/,
    help: "the token is not of the project that was asked: set the project in the service user's credentials, and let it have a role in the owner's project",
  },
  {
    serviceType: 'block-storage',
    status: [400],
    said: /Volume status must be available or error/i,
    help: 'the volume is attached, has snapshots, or something else works on it: detach it with `openstack server remove volume`, or wait, then try again',
  },
  {
    serviceType: 'block-storage',
    status: [403, 413],
    said: /quota|exceeded|VolumeLimit|VolumeSizeExceeds/i,
    help: "the project's quota in Cinder has no room for it: delete volumes that are not needed, or raise it with `openstack quota set`",
  },
  {
    serviceType: 'compute',
    status: [403],
    said: /quota|limit/i,
    help: "the project's quota in Nova has no room for it: delete instances that are not needed, or raise it with `openstack quota set`",
  },
  {
    serviceType: 'compute',
    status: [403],
    said: /os_compute_api:servers:(?:index|detail):get_all_tenants/,
    help: `Nova lets only an administrator list the instances of all projects: give the service's user the role admin (docs/install/configuration.md, "The service user")`,
  },
  {
    serviceType: 'compute',
    status: [400],
    said: /Cannot detach a root device volume/,
    help: 'Nova never detaches a root disk: restore it with mode in-place, or with mode volume and boot from that',
  },
  {
    serviceType: 'compute',
    status: [400],
    said: /Invalid volume/,
    help: 'the volume is attached elsewhere, or something else works on it: see `openstack volume show`, detach it or wait, then try again',
  },
  {
    serviceType: 'compute',
    status: [409],
    said: /while it is in (?:vm_state|task_state)/,
    help: 'the instance is in a state in which Nova does not do this: see `openstack server show`, start or stop it or wait for what is under way, then try again',
  },
  {
    serviceType: 'compute',
    status: [409],
    said: /is locked/,
    help: 'somebody locked the instance: `openstack server unlock`, then try again',
  },
];

/** undefined for an answer that is not known. */
export function helpAgainst(
  { serviceType, url }: { serviceType: string; url: string },
  status: number,
  said: string,
): string | undefined {
  if ((status === 400 || status === 404) && namesMarker(url, said))
    return 'what the list was to go on from was deleted while it was read: try again';
  return known.find(
    (one) => one.serviceType === serviceType && one.status.includes(status) && one.said.test(said),
  )?.help;
}

/** Nova calls it a marker, Cinder just a volume that could not be found. */
function namesMarker(url: string, said: string): boolean {
  const [, marker] = /[?&]marker=([^&]+)/.exec(url) ?? [];
  return marker !== undefined && said.includes(marker);
}
