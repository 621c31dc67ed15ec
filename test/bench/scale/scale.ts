/** `npm run bench -- --scale`: what the catalog's statements cost with many rows, on a PostgreSQL of its own. No cloud. */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createCatalog } from '../../../src/drivers/catalog/catalog.ts';
import { connectCatalog, type Sql } from '../../../src/drivers/catalog/connect.ts';
import { newId } from '../../../src/base/ids.ts';
import { migrateQueue } from '../../../src/drivers/queue/orders.ts';
import { createQueue } from '../../../src/drivers/queue/queue.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../support/catalog-database.ts';
import { scaleCases } from './cases.ts';
import type { ScaleCase } from './scale-case.ts';
import { addPoints, addTheRest, rareStore, type Size } from './fill.ts';

const helpText = `Measures the catalog with many made-up rows, on a PostgreSQL of its own; needs no cloud.

Usage: npm run bench -- --scale [OPTIONS]

  --instances N  instances, of three disks each (default 10000)
  --points N     points of each (default 100)
  --rounds N     how often each case runs; the median counts (default 5)
  --json FILE    write the rows: case, found, tenthMs, fullMs, tenthRead, fullRead, growth, peakRssBytes
  --help         this text

Every case runs twice: with a tenth of the points, jobs and audit entries, and with all. read is how many rows and entries PostgreSQL looked at, which no
other load changes; growth is the second to the first: about 1 where the cost follows from what is due or shown, about 10
where it follows from their number (or where ten times as much is shown).
`;

interface ScaleRow {
  case: string;
  found: string;
  tenthMs: number;
  fullMs: number;
  tenthRead: number;
  fullRead: number;
  growth: number;
  /** Of this process so far, PostgreSQL left out. */
  peakRssBytes: number;
}

const { values } = parseArgs({
  options: {
    scale: { type: 'boolean' },
    instances: { type: 'string', default: '10000' },
    points: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) process.stdout.write(helpText);
else await main();

async function main(): Promise<void> {
  const size = {
    instances: Number(values.instances),
    disksPerInstance: 3,
    pointsPerInstance: Number(values.points),
  };
  const rounds = Number(values.rounds);
  if (
    ![size.instances, size.pointsPerInstance, rounds].every((count) => Number.isInteger(count) && count >= 1)
  ) {
    process.stderr.write(
      'bench: --instances, --points and --rounds must be whole numbers from 1; see --help\n',
    );
    process.exitCode = 2;
    return;
  }
  const database = await openCatalogDatabase();
  // One connection: what it read is counted when it is told to.
  const sql = connectCatalog({ url: database.url, poolSize: 1 });
  try {
    const found = await measureBoth({ ...database, sql, catalog: createCatalog(sql) }, size, rounds);
    process.stdout.write(tableOf(found));
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(found, undefined, 2)}\n`);
  } finally {
    await sql.destroy();
    await database.close();
  }
}

async function measureBoth(database: CatalogDatabase, size: Size, rounds: number): Promise<ScaleRow[]> {
  await migrateQueue({ url: database.url });
  const queue = createQueue({ url: database.url, onError: (error) => say(error.message) });
  await queue.start();
  try {
    const tenth = { ...size, pointsPerInstance: Math.max(1, Math.floor(size.pointsPerInstance / 10)) };
    const policy = await addPolicy(database);
    say(`making ${tenth.instances * tenth.pointsPerInstance} points`);
    await database.catalog.stores.upsert({ id: rareStore, url: 'file:///far', name: rareStore });
    await addPoints(database.sql, tenth, 0);
    const reconciliation = await addTheRest(database.sql, size, policy);
    const before = await measure(
      scaleCases(database, queue, tenth, { policy, reconciliation }),
      database.sql,
      rounds,
    );
    say(`making ${size.instances * size.pointsPerInstance} points`);
    await addPoints(database.sql, size, tenth.pointsPerInstance);
    const after = await measure(
      scaleCases(database, queue, size, { policy, reconciliation }),
      database.sql,
      rounds,
    );
    return after.map((row, at) => {
      const { ms: tenthMs, read: tenthRead } = before[at] ?? { ms: 0, read: 0 };
      return {
        case: row.name,
        found: row.found,
        tenthMs,
        fullMs: row.ms,
        tenthRead,
        fullRead: row.read,
        growth: Math.round((row.read / Math.max(1, tenthRead)) * 10) / 10,
        peakRssBytes: row.peakRssBytes,
      };
    });
  } finally {
    await queue.stop({ graceful: false, timeoutMs: 0 });
  }
}

async function addPolicy({ catalog }: CatalogDatabase): Promise<string> {
  const { id } = await catalog.policies.insert({
    id: newId(),
    name: 'bench',
    description: '',
    published: true,
    enabled: true,
    spec: {
      schedule: { kind: 'every', everyMinutes: 60 },
      spreadMinutes: 30,
      consistency: 'crash',
      retention: { kind: 'rules', rules: { keepDaily: 3 }, strategy: 'fold' },
    },
  });
  return id;
}

async function measure(cases: readonly ScaleCase[], sql: Sql, rounds: number) {
  const found = [];
  for (const { name, run, prepare = () => Promise.resolve() } of cases) {
    const times: number[] = [];
    await prepare();
    await run();
    await prepare();
    const readBefore = await rowsRead(sql);
    let said = await run();
    const read = (await rowsRead(sql)) - readBefore;
    for (let round = 0; round < rounds; round += 1) {
      await prepare();
      const began = performance.now();
      said = await run();
      times.push(performance.now() - began);
    }
    const ms =
      Math.round((times.toSorted((one, other) => one - other)[Math.floor(rounds / 2)] ?? 0) * 10) / 10;
    say(`${name}: ${ms} ms, ${read} read, ${said}`);
    found.push({ name, found: said, ms, read, peakRssBytes: process.resourceUsage().maxRSS * 1024 });
  }
  return found;
}

/** Rows of tables and entries of indexes that were looked at so far. */
async function rowsRead(sql: Sql): Promise<number> {
  await sql.raw('select pg_stat_force_next_flush()');
  const { rows } = await sql.raw<{ rows: { read: number }[] }>(
    `select (
       select sum(seq_tup_read) from pg_stat_user_tables where schemaname = 'emberkeep'
     )::bigint + (
       select sum(idx_tup_read) from pg_stat_user_indexes where schemaname = 'emberkeep'
     )::bigint as read`,
  );
  return rows[0]?.read ?? 0;
}

function tableOf(found: readonly ScaleRow[]): string {
  const line = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(44)}${cells
      .slice(1)
      .map((cell) => cell.padStart(16))
      .join('')}\n`;
  return [
    line(['case', 'found', 'tenth, ms', 'all, ms', 'tenth, read', 'all, read', 'growth', 'peak RSS, MiB']),
    ...found.map((row) =>
      line([
        row.case,
        row.found,
        String(row.tenthMs),
        String(row.fullMs),
        String(row.tenthRead),
        String(row.fullRead),
        String(row.growth),
        String(Math.round(row.peakRssBytes / 2 ** 20)),
      ]),
    ),
  ].join('');
}

function say(text: string): void {
  process.stderr.write(`[load ${loadavg()[0]?.toFixed(1) ?? '?'}] ${text}\n`);
}
