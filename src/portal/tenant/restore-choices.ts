/** What somebody chose in the restore wizard, as the request that it makes. Pure. */
import type { Disk, PointDetail, RestoreMode, RestoreRequest } from '../api/types.ts';

export interface RestoreChoices {
  mode: RestoreMode;
  /** Keys of the chosen disks. */
  disks: readonly string[];
  /** Of what is made anew; empty: the service makes one. */
  name: string;
  /** For mode `instance`; empty: as recorded. */
  flavor: string;
  /** For mode `instance`: names or ids, separated by commas; `none` for no network, empty: as recorded. */
  networks: string;
}

/** Modes that can bring this kind of point back; into bare images only administrators, who can reach the pool. */
export function modesFor({ kind }: Pick<PointDetail, 'kind'>, isAdmin: boolean): RestoreMode[] {
  const images: RestoreMode[] = isAdmin ? ['image'] : [];
  if (kind === 'instance') return ['volume', 'replace', 'in-place', 'instance', ...images];
  return kind === 'volume' ? ['volume', 'in-place', ...images] : images;
}

/** Disks that the mode can bring back: Nova never detaches a root disk, so it is not replaced. */
export function eligibleDisks(disks: readonly Disk[], mode: RestoreMode): Disk[] {
  if (mode !== 'replace') return [...disks];
  return disks.filter(({ kind, attachment }) => kind === 'volume' && attachment?.is_root === false);
}

/** Whether the mode makes something that gets a name. */
export function takesName(mode: RestoreMode): boolean {
  return mode === 'volume' || mode === 'instance' || mode === 'image';
}

/** The request; undefined while no disk is chosen. */
export function requestOf(
  point: Pick<PointDetail, 'id' | 'disks'>,
  { mode, disks, name, flavor, networks }: RestoreChoices,
): RestoreRequest | undefined {
  const eligible = eligibleDisks(point.disks, mode).map(({ key }) => key);
  const chosen = eligible.filter((key) => disks.includes(key));
  if (chosen.length === 0) return undefined;
  const instance = {
    ...(flavor.trim() === '' ? {} : { flavor: flavor.trim() }),
    ...(networks.trim() === '' ? {} : { networks: networkList(networks) }),
  };
  return {
    point: { id: point.id },
    mode,
    // An empty list is all that the mode can restore.
    disks: chosen.length === eligible.length ? [] : chosen,
    ...(takesName(mode) && name.trim() !== '' ? { name: name.trim() } : {}),
    ...(mode === 'instance' && Object.keys(instance).length > 0 ? { instance } : {}),
  };
}

function networkList(text: string): string[] {
  if (text.trim() === 'none') return [];
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
