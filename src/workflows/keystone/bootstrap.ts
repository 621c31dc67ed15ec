/** What Keystone must hold for the service: user, roles, service and endpoints. Made where it is missing; safe to repeat. */
import { AppError } from '../../base/errors.ts';
import type { KeystoneAdmin, Named, RoleTarget } from '../../drivers/openstack/keystone-admin.ts';

/** Type of the service in Keystone's catalog. */
export const backupServiceType = 'instance-backup';

export interface BootstrapDeps {
  identity: Pick<
    KeystoneAdmin,
    | 'findDomains'
    | 'findProjects'
    | 'findUsers'
    | 'findRoles'
    | 'findServices'
    | 'hasRegion'
    | 'listEndpoints'
    | 'createProject'
    | 'createUser'
    | 'createService'
    | 'createEndpoint'
    | 'updateEndpoint'
    | 'setUserPassword'
    | 'hasRole'
    | 'grantRole'
  >;
  /** Whether Keystone takes the user's password; rejects when it cannot be asked. */
  canSignIn: (userId: string, password: string) => Promise<boolean>;
}

export interface BootstrapRequest {
  /** Of the service's user and project: name or id. */
  domain: string;
  userName: string;
  /** Secret; undefined leaves the password of a user that is there alone. */
  password: string | undefined;
  projectName: string;
  roleName: string;
  /** Domains in whose projects the service is to work: names or ids. */
  protectedDomains: readonly string[];
  /** By interface; empty makes neither service nor endpoints. */
  endpoints: readonly { interface: 'public' | 'internal' | 'admin'; url: string }[];
  region: string | undefined;
  serviceType?: string;
}

export interface BootstrapStep {
  what: string;
  outcome: 'kept' | 'created' | 'changed';
}

/**
 * Looks before it makes anything, so that a second run changes nothing; one that was killed is simply run again.
 *
 * @throws NOTFOUND_DOMAIN, NOTFOUND_ROLE, NOTFOUND_REGION, INPUT_PASSWORD, OPENSTACK_*, FORBIDDEN_*.
 */
export async function bootstrap(deps: BootstrapDeps, request: BootstrapRequest): Promise<BootstrapStep[]> {
  const steps: BootstrapStep[] = [];
  const { identity } = deps;
  const domain = await domainNamed(deps, request.domain);
  const protectedDomains = [];
  for (const name of request.protectedDomains) protectedDomains.push(await domainNamed(deps, name));
  const [role] = await identity.findRoles(request.roleName);
  if (role === undefined)
    throw new AppError('NOTFOUND_ROLE', `there is no role "${request.roleName}"; name another with --role`);
  const { region, endpoints } = request;
  if (endpoints.length > 0 && region !== undefined && !(await identity.hasRegion(region)))
    throw new AppError(
      'NOTFOUND_REGION',
      `Keystone knows no region "${region}"; see \`openstack region list\``,
    );
  const project = await projectStep(deps, request, domain, steps);
  const user = await userStep(deps, request, domain, steps);
  const targets: [string, RoleTarget][] = [
    [`on project ${request.projectName}`, { kind: 'project', id: project.id }],
    ...protectedDomains.map(({ id, name }): [string, RoleTarget] => [
      `in every project of domain ${name}`,
      { kind: 'domain', id, inherited: true },
    ]),
  ];
  for (const [where, target] of targets) {
    const what = `role ${role.name} of user ${request.userName} ${where}`;
    if (await identity.hasRole(user.id, role.id, target)) steps.push({ what, outcome: 'kept' });
    else {
      await identity.grantRole(user.id, role.id, target);
      steps.push({ what, outcome: 'created' });
    }
  }
  if (request.endpoints.length > 0) await serviceSteps(deps, request, steps);
  return steps;
}

async function domainNamed({ identity }: BootstrapDeps, nameOrId: string): Promise<Named> {
  const [domain] = await identity.findDomains(nameOrId);
  if (domain !== undefined) return domain;
  throw new AppError(
    'NOTFOUND_DOMAIN',
    `Keystone knows no domain "${nameOrId}"; see \`openstack domain list\``,
  );
}

async function projectStep(
  { identity }: BootstrapDeps,
  { projectName }: BootstrapRequest,
  domain: Named,
  steps: BootstrapStep[],
): Promise<{ id: string }> {
  const what = `project ${projectName}`;
  const found = (await identity.findProjects(projectName)).find(({ domainId }) => domainId === domain.id);
  steps.push({ what, outcome: found === undefined ? 'created' : 'kept' });
  return found ?? (await identity.createProject({ name: projectName, domainId: domain.id }));
}

async function userStep(
  { identity, canSignIn }: BootstrapDeps,
  { userName, password }: BootstrapRequest,
  domain: Named,
  steps: BootstrapStep[],
): Promise<Named> {
  const what = `user ${userName}`;
  const [found] = await identity.findUsers(userName, domain.id);
  if (found === undefined) {
    if (password === undefined) {
      throw new AppError(
        'INPUT_PASSWORD',
        `user ${userName} is to be made and has no password; give one with --password-file, EMBERKEEP_SERVICE_PASSWORD or keystone.password_file`,
      );
    }
    const user = await identity.createUser({ name: userName, domainId: domain.id, password });
    steps.push({ what, outcome: 'created' });
    return user;
  }
  const isRight = password === undefined || (await canSignIn(found.id, password));
  if (!isRight) await identity.setUserPassword(found.id, password);
  steps.push({ what: isRight ? what : `password of ${what}`, outcome: isRight ? 'kept' : 'changed' });
  return found;
}

async function serviceSteps(
  { identity }: BootstrapDeps,
  { endpoints, region, serviceType = backupServiceType }: BootstrapRequest,
  steps: BootstrapStep[],
): Promise<void> {
  const [found] = await identity.findServices(serviceType);
  steps.push({ what: `service ${serviceType}`, outcome: found === undefined ? 'created' : 'kept' });
  const description = 'Backup and restore of whole instances';
  const service =
    found ?? (await identity.createService({ name: 'emberkeep', type: serviceType, description }));
  const known = await identity.listEndpoints(service.id);
  for (const { interface: face, url } of endpoints) {
    const what = `${face} endpoint ${url}${region === undefined ? '' : ` in ${region}`}`;
    const endpoint = known.find((one) => one.interface === face && one.region === region);
    if (endpoint === undefined)
      await identity.createEndpoint({ serviceId: service.id, interface: face, region, url });
    else if (endpoint.url !== url) await identity.updateEndpoint(endpoint.id, url);
    const outcome = endpoint === undefined ? 'created' : endpoint.url === url ? 'kept' : 'changed';
    steps.push({ what, outcome });
  }
}
