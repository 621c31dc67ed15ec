import { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { AppError } from '../../base/errors.ts';
import type { ApiDeps } from './api-deps.ts';
import { requireCaller } from './authenticate.ts';
import { handleError } from './error-response.ts';
import { logRequests } from './log-requests.ts';
import { openApiDocument, type OpenApiDocument } from './openapi-document.ts';
import { addPortal } from './portal/add-portal.ts';
import { assignRequestId } from './request-context.ts';
import type { RouteTable } from './route.ts';
import { addApprovalRoutes } from './routes/approvals.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addCoverageRoutes } from './routes/coverage.ts';
import { addDiskRoutes } from './routes/disks.ts';
import { addOverviewRoutes } from './routes/overview.ts';
import { addProjectRoutes } from './routes/projects.ts';
import { addStoreRoutes } from './routes/stores.ts';
import { addVolumeRoutes } from './routes/volumes.ts';
import { addBackupRoutes } from './routes/backups.ts';
import { addExpirationRoutes } from './routes/expirations.ts';
import { addCatalogRoutes } from './routes/catalog.ts';
import { addInstanceRoutes } from './routes/instances.ts';
import { addJobRoutes } from './routes/jobs.ts';
import { addPointRoutes } from './routes/points.ts';
import { addPolicyAssignmentRoutes } from './routes/policy-assignments.ts';
import { addPolicyRoutes } from './routes/policies.ts';
import { addPoolRoutes } from './routes/pools.ts';
import { addRestoreRoutes } from './routes/restores.ts';
import { addReconciliationRoutes } from './routes/reconciliations.ts';
import { addVerificationRoutes } from './routes/verifications.ts';
import { addServiceRoutes } from './service-routes.ts';

const bodyLimit = '256kb';

export interface Api {
  app: Express;
  document: OpenApiDocument;
  /** Ends the event streams that are open; no new one can begin. */
  endStreams(): void;
}

/**
 * The API over HTTP: authenticates, checks what comes in, calls one operation, shows what comes out. It decides
 * nothing itself; who may do what is the operations' business.
 */
export function createApp(deps: ApiDeps): Api {
  const stopping = new AbortController();
  const table: RouteTable = {
    registry: new OpenAPIRegistry(),
    router: express.Router({ caseSensitive: true }),
    methods: new Map(),
    onRefused: deps.onRefused,
    idempotency: deps.idempotency,
  };
  addInstanceRoutes(table, deps);
  addBackupRoutes(table, deps);
  addPointRoutes(table, deps);
  addRestoreRoutes(table, deps);
  addApprovalRoutes(table, deps);
  addProjectRoutes(table, deps);
  addAuditRoutes(table, deps);
  addCoverageRoutes(table, deps);
  addOverviewRoutes(table, deps);
  addDiskRoutes(table, deps);
  addVolumeRoutes(table, deps);
  addStoreRoutes(table, deps);
  addExpirationRoutes(table, deps);
  addReconciliationRoutes(table, deps);
  addVerificationRoutes(table, deps);
  addCatalogRoutes(table, deps);
  addPolicyRoutes(table, deps);
  addPolicyAssignmentRoutes(table, deps);
  addJobRoutes(table, deps, stopping.signal);
  addPoolRoutes(table, deps);
  refuseOtherMethods(table);
  const document = openApiDocument(table.registry, deps.version);

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustProxy ?? false);
  app.set('query parser', 'simple');
  // Every listing is of this instant: a 304 would save nothing and hide the request from the log.
  app.disable('etag');
  app.use(assignRequestId, logRequests(deps.logger), helmet());
  addServiceRoutes(app, deps, document);
  const json = express.json({ limit: bodyLimit });
  if (deps.portal !== undefined)
    addPortal(app, deps.portal, { authenticate: deps.authenticate, json, router: table.router });
  app.use('/v1', requireCaller(deps.authenticate), json);
  app.use(table.router);
  app.use((request) => {
    throw new AppError(
      'NOTFOUND_PATH',
      `there is no ${request.path} here; /openapi.json lists what there is`,
    );
  });
  app.use(handleError);
  return { app, document, endStreams: () => stopping.abort() };
}

function refuseOtherMethods({ router, methods }: RouteTable): void {
  for (const [path, allowed] of methods) {
    router.all(path, (request, response) => {
      response.setHeader('Allow', allowed.join(', '));
      throw new AppError(
        'INPUT_METHOD',
        `${request.method} is not possible here; use ${allowed.join(' or ')}`,
      );
    });
  }
}
