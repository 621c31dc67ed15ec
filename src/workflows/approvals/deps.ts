import type { Catalog } from '../../drivers/catalog/catalog.ts';
import type { KeystoneAdmin } from '../../drivers/openstack/keystone-admin.ts';
import type { SubmitDeps } from '../submit-job.ts';

export interface ApprovalDeps extends SubmitDeps {
  catalog: Pick<Catalog, 'transaction' | 'restores' | 'approvals' | 'projects' | 'points'>;
  /** As the service user; projects are named to administrators only. */
  identity: Pick<KeystoneAdmin, 'findProjects' | 'listProjects'>;
  /** How long a restore waits for an approval, hours. */
  approvalHours: number;
}
