/** What a service has seen in a month, for the administrators' pages. */
import assert from 'node:assert/strict';
import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../src/base/ids.ts';
import { connectCatalog } from '../../src/drivers/catalog/connect.ts';
import type { TestService } from '../support/service.ts';

const dayMs = 24 * 3_600_000;

/** A dry run that finds a link without a manifest, and a point that the store has no more. */
export async function reconcileWithFindings(service: TestService, pointId: string): Promise<void> {
  const store = service.config.storeDirectory;
  const folder = join(store, 'links', newId());
  await mkdir(join(folder, 'segments'), { recursive: true });
  await writeFile(join(folder, 'segments/00000000.zst'), Buffer.alloc(70_000));
  const twoDaysAgo = new Date(Date.now() - 2 * dayMs);
  for (const path of ['segments/00000000.zst', 'segments', '.'])
    await utimes(join(folder, path), twoDaysAgo, twoDaysAgo);
  const manifest = join(store, 'points', `${pointId}.json`);
  await rename(manifest, `${manifest}.away`);
  const { job } = await service.call<{ job: { id: string } }>('POST', '/v1/reconciliations', {
    dry_run: true,
  });
  const { result } = await service.ended(job.id);
  await rename(`${manifest}.away`, manifest);
  assert.deepEqual([result?.['found'], result?.['drifted']], [1, 1]);
}

/** As if the service had noted for a month how much the store has. */
export async function rememberDays(service: TestService): Promise<void> {
  const { stores } = await service.call<{ stores: [{ id: string }] }>('GET', '/v1/stores');
  const sql = connectCatalog({ url: service.config.database.url ?? '' });
  try {
    await sql.raw(
      `insert into emberkeep.store_usage_days (store_id, day, links, stored_bytes)
       select :id, (now() at time zone 'UTC')::date - ago, 2, now.bytes * (40 - ago) / 40
       from generate_series(0, 30) as ago
       cross join (select sum(stored_bytes)::bigint as bytes from (
         select stored_bytes from emberkeep.store_usage union all select stored_bytes from emberkeep.store_usage_changes) as parts) as now
       on conflict (store_id, day) do update set links = excluded.links, stored_bytes = excluded.stored_bytes`,
      { id: stores[0].id },
    );
  } finally {
    await sql.destroy();
  }
}
