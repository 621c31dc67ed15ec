import { AppError } from '../base/errors.ts';
import type { CloudCredentials } from '../drivers/openstack/credentials.ts';
import { createOpenStack } from '../drivers/openstack/openstack.ts';
import { bootstrap, type BootstrapRequest, type BootstrapStep } from '../workflows/keystone/bootstrap.ts';

/** Makes in Keystone what the service needs, as the administrator whose credentials these are. */
export async function bootstrapKeystone(
  credentials: CloudCredentials,
  request: BootstrapRequest,
): Promise<BootstrapStep[]> {
  const openstack = createOpenStack({ credentials });
  const canSignIn = async (userId: string, password: string): Promise<boolean> => {
    try {
      await openstack.asUser({ kind: 'password', userId, password }, { kind: 'unscoped' }).keystone.token();
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'AUTH_FAILED') return false;
      throw error;
    }
  };
  try {
    const region = request.region ?? credentials.region;
    return await bootstrap({ identity: openstack.identity, canSignIn }, { ...request, region });
  } finally {
    openstack.close();
  }
}
