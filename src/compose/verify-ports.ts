import type { Catalog } from '../drivers/catalog/catalog.ts';
import type { VerifyCatalog } from '../workflows/verify/deps.ts';
import { chains } from './catalog-ports.ts';

/** The catalog as a verification knows it. */
export function verifyCatalog(catalog: Catalog): VerifyCatalog {
  const { points, verifications } = catalog;
  return {
    ...chains(catalog),
    findPoint: (pointId) => points.get(pointId),
    nextPoints: (jobId, scope, storeId, limit) => verifications.nextPoints({ jobId, storeId, scope }, limit),
    bytesToVerify: (jobId, scope, storeId, level) => verifications.bytesOf({ jobId, storeId, scope }, level),
    recordPoint: (pointId, jobId, found) => verifications.recordPoint(pointId, jobId, found),
    recordLink: (linkId, jobId) => verifications.recordLink(linkId, jobId),
    isLinkVerified: (linkId, jobId) => verifications.isLinkVerified(linkId, jobId),
    totals: (jobId) => verifications.totals(jobId),
  };
}
