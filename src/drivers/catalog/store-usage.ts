/** How much was in each store, day by day. */
import type { Sql } from './connect.ts';
import { mapped } from './errors.ts';

export interface StoreUsageDay {
  /** `2026-11-22`, UTC. */
  day: string;
  links: number;
  storedBytes: number;
}

export interface StoreUsageStatements {
  /** Notes what is in each store, once a day: whoever comes later on the same day (UTC) changes nothing. */
  sample(): Promise<void>;
  /** Days from `since` (`2026-11-22`) on, oldest first. */
  ofStore(storeId: string, since: string): Promise<StoreUsageDay[]>;
}

export function bindStoreUsage(sql: Sql): StoreUsageStatements {
  return {
    sample: () => mapped(() => sampleUsage(sql)),
    ofStore: (storeId, since) => mapped(() => usageOfStore(sql, storeId, since)),
  };
}

// A store that has nothing yet has its row too, so that its first day is seen. Sums as watch.ts reads them.
async function sampleUsage(sql: Sql): Promise<void> {
  await sql.raw(
    `insert into emberkeep.store_usage_days (store_id, day, links, stored_bytes)
     select stores.id, today.day, coalesce(sum(parts.links), 0)::bigint, coalesce(sum(parts.stored_bytes), 0)::bigint
     from emberkeep.stores
     cross join (select (now() at time zone 'UTC')::date as day) as today
     left join (
       select store_id, links, stored_bytes from emberkeep.store_usage
       union all
       select store_id, links, stored_bytes from emberkeep.store_usage_changes
     ) as parts on parts.store_id = stores.id
     where not exists (
       select from emberkeep.store_usage_days as known where known.store_id = stores.id and known.day = today.day
     )
     group by stores.id, today.day
     on conflict do nothing`,
  );
}

async function usageOfStore(sql: Sql, storeId: string, since: string): Promise<StoreUsageDay[]> {
  const { rows } = await sql.raw<{ rows: { day: string; links: number; stored_bytes: number }[] }>(
    `select to_char(day, 'YYYY-MM-DD') as day, links, stored_bytes from emberkeep.store_usage_days
     where store_id = :storeId and day >= :since::date order by store_usage_days.day`,
    { storeId, since },
  );
  return rows.map(({ day, links, stored_bytes: storedBytes }) => ({ day, links, storedBytes }));
}
