import type { FlavorDescription } from '../../../domain/instance.ts';

type Sizes = Pick<FlavorDescription, 'vcpus' | 'ramMib' | 'diskGib' | 'ephemeralGib' | 'swapMib'>;

/** What an instance that boots from a volume needs; the flavor's own disk is not used. */
const needed = ['vcpus', 'ramMib', 'ephemeralGib', 'swapMib'] as const;

/**
 * Flavors that can take the place of the recorded one, best first: the one of its name and sizes, then those of its
 * extra specs (processors, NUMA, GPUs) that are larger by least memory, then processors, then disks.
 */
export function rankFlavors<T extends FlavorDescription>(
  recorded: FlavorDescription,
  offered: readonly T[],
): T[] {
  return offered
    .filter((flavor) => needed.every((size) => flavor[size] >= recorded[size]))
    .map((flavor) => ({ flavor, rank: rankOf(recorded, flavor) }))
    .toSorted((a, b) => compareRanks(a.rank, b.rank))
    .map(({ flavor }) => flavor);
}

export function isSameFlavor(one: FlavorDescription, other: FlavorDescription): boolean {
  return one.originalName === other.originalName && hasSizesOf(one, other);
}

/** Empty when they differ in nothing that a guest could notice. */
export function describeDifference(recorded: FlavorDescription, flavor: FlavorDescription): string {
  const sizes = needed
    .filter((size) => recorded[size] !== flavor[size])
    .map((size) => `${size} ${flavor[size]} instead of ${recorded[size]}`);
  const specs = differingSpecs(recorded, flavor).map((key) => `extra spec ${key}`);
  return [...sizes, ...(specs.length === 0 ? [] : [`other ${specs.join(', ')}`])].join(', ');
}

export function describeSizes({ vcpus, ramMib, ephemeralGib, swapMib }: Sizes): string {
  return [
    `${vcpus} vCPUs`,
    `${ramMib} MiB of memory`,
    ...(ephemeralGib > 0 ? [`${ephemeralGib} GiB ephemeral`] : []),
    ...(swapMib > 0 ? [`${swapMib} MiB of swap`] : []),
  ].join(', ');
}

function hasSizesOf(one: Sizes, other: Sizes): boolean {
  return needed.every((size) => one[size] === other[size]) && one.diskGib === other.diskGib;
}

function rankOf(recorded: FlavorDescription, flavor: FlavorDescription): (number | string)[] {
  return [
    isSameFlavor(recorded, flavor) ? 0 : 1,
    differingSpecs(recorded, flavor).length,
    flavor.ramMib,
    flavor.vcpus,
    flavor.ephemeralGib,
    flavor.swapMib,
    flavor.diskGib,
    flavor.originalName,
  ];
}

function differingSpecs(one: FlavorDescription, other: FlavorDescription): string[] {
  const keys = new Set([...Object.keys(one.extraSpecs), ...Object.keys(other.extraSpecs)]);
  return [...keys].filter((key) => one.extraSpecs[key] !== other.extraSpecs[key]);
}

function compareRanks(one: (number | string)[], other: (number | string)[]): number {
  for (const [at, value] of one.entries()) {
    const against = other[at] ?? 0;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}
