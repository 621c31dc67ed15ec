/** What the API writes to the audit trail, and asks it for. */
import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { ApiDeps } from '../entry/api/api-deps.ts';
import { auditEntry } from '../workflows/audit-entry.ts';

export function auditPorts({
  audit,
  idempotency,
}: Pick<Catalog, 'audit' | 'idempotency'>): Required<Pick<ApiDeps, 'onRefused' | 'idempotency'>> {
  return {
    onRefused: async (caller, { operation, ...target }) => {
      const projectId = caller.projectId ?? null;
      const action = `api.${operation}`;
      await audit.append(auditEntry(caller, { action, target, projectId, result: 'refused' }));
    },
    idempotency: {
      ...idempotency,
      // Every change is in the audit trail, in its own transaction.
      hadEffect: async (requestId, since) => {
        // Its times are the database's clock, `since` is perhaps this machine's.
        const earlier = new Date(since.getTime() - 300_000);
        const entries = await audit.list({ requestId, since: earlier, limit: 10 });
        return entries.some(({ result }) => result !== 'refused');
      },
    },
  };
}
