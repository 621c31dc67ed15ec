import { AppError } from '../../base/errors.ts';
import type { EndpointInterface } from './credentials.ts';

export interface CatalogEndpoint {
  interface: string;
  region: string | undefined;
  url: string;
}

export interface CatalogEntry {
  type: string;
  name: string;
  endpoints: CatalogEndpoint[];
}

export type ServiceType = 'compute' | 'block-storage' | 'image' | 'identity' | 'network';

/**
 * Names under which catalogs list a service, best first: the official type and its historical aliases
 * (https://service-types.openstack.org). Older block storage APIs (`volume`, `volumev2`) are not ours.
 */
const aliases: Record<ServiceType, readonly string[]> = {
  compute: ['compute'],
  'block-storage': ['volumev3', 'block-storage', 'block-store'],
  image: ['image'],
  identity: ['identity'],
  network: ['network'],
};

/** Prefixes of `<service>_endpoint_override` that openstacksdk accepts beside the catalog's names. */
const overrideNames: Record<ServiceType, readonly string[]> = {
  ...aliases,
  'block-storage': ['block-storage', 'volumev3', 'volume-v3', 'volume', 'block-store'],
};

export interface EndpointChoice {
  catalog: readonly CatalogEntry[];
  region?: string | undefined;
  interface: EndpointInterface;
  overrides: Readonly<Record<string, string>>;
  projectId: string | undefined;
  /** How the token is scoped, for the error. */
  scope: string;
}

/** Where a service that is not OpenStack's own is, by its type; undefined when the catalog does not have it there. */
export function findServiceUrl(
  type: string,
  catalog: readonly CatalogEntry[],
  at: { region?: string | undefined; interface: EndpointInterface },
): string | undefined {
  return catalog
    .filter((entry) => entry.type === type)
    .flatMap(({ endpoints }) => endpoints)
    .find(
      (endpoint) =>
        endpoint.interface === at.interface && (at.region === undefined || endpoint.region === at.region),
    )?.url;
}

/** Base URL of a service, without a slash at the end; throws OPENSTACK_NO_ENDPOINT saying what the catalog has. */
export function findEndpoint(serviceType: ServiceType, choice: EndpointChoice): string {
  const override = overrideNames[serviceType]
    .map((name) => choice.overrides[name])
    .find((url) => url !== undefined);
  if (override !== undefined) return fillProject(override, choice.projectId).replace(/\/+$/, '');
  for (const type of aliases[serviceType]) {
    const endpoint = choice.catalog
      .filter((entry) => entry.type === type)
      .flatMap((entry) => entry.endpoints)
      .find(
        ({ interface: face, region }) =>
          face === choice.interface && (choice.region === undefined || region === choice.region),
      );
    if (endpoint !== undefined) return endpoint.url.replace(/\/+$/, '');
  }
  throw noEndpoint(serviceType, choice);
}

/** Keystone fills the project into the catalog's URLs; an override is filled here. */
function fillProject(url: string, projectId: string | undefined): string {
  return url.replace(/[%$]\((project_id|tenant_id)\)s/g, projectId ?? '');
}

function noEndpoint(serviceType: ServiceType, choice: EndpointChoice): AppError {
  const names = aliases[serviceType];
  const found = choice.catalog
    .filter((entry) => names.includes(entry.type))
    .flatMap((entry) => entry.endpoints);
  const offered = [...new Set(found.map((one) => `${one.interface} in ${one.region ?? 'no region'}`))];
  const wanted = `${choice.interface} endpoint${choice.region === undefined ? '' : ` in region ${choice.region}`}`;
  const hint =
    offered.length > 0
      ? `it offers ${offered.join(', ')}; correct the region (OS_REGION_NAME) or the interface (OS_INTERFACE)`
      : `it lists ${choice.catalog.map(({ type }) => type).join(', ') || 'no service'} for ${choice.scope}; use a project scope, or set ${names[0]?.replaceAll('-', '_') ?? ''}_endpoint_override`;
  return new AppError(
    'OPENSTACK_NO_ENDPOINT',
    `The service catalog has no ${serviceType} ${wanted}: ${hint}.`,
    {
      details: { serviceType, region: choice.region, interface: choice.interface, offered },
    },
  );
}
