import { authorize, type Caller } from '../../domain/access.ts';
import type { Catalog } from '../../drivers/catalog/catalog.ts';

export interface StoreSummary {
  id: string;
  /** Without credentials (I10). */
  url: string;
  description: string | undefined;
  createdAt: Date;
}

/** A store is nobody's: who sees the cloud sees it. */
export async function listStores(
  { stores }: Pick<Catalog, 'stores'>,
  caller: Caller,
): Promise<StoreSummary[]> {
  authorize(caller, 'inspect', null, 'the stores');
  return await stores.list();
}
