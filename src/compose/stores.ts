/** The stores of a service: opened at its start or, when one is away then, whenever somebody needs it. */
import { AppError, describeError } from '../base/errors.ts';
import { sleep, type Backoff } from '../base/retry.ts';
import type { StoreConfig } from '../config/store-settings.ts';
import { unknownStore, type StoreNames } from '../domain/store-names.ts';
import type { Catalog } from '../drivers/catalog/catalog.ts';
import { openBackupStore, type BackupStore } from '../drivers/store/backup-store.ts';
import { masterKeys } from './master-keys.ts';
import { openObjects, storePlace } from './open-objects.ts';
import type { Started } from './started.ts';

export interface Stores extends StoreNames {
  /**
   * The default one when no name is given. Throws STORE_* while it is away, and INPUT_STORE for a name that no store
   * has.
   */
  open(name?: string): Promise<BackupStore>;
  /** Throws STORE_* while it is away, and CONFLICT_OTHER_STORE for one that is not among those of this service. */
  ofId(storeId: string): Promise<BackupStore>;
  /** The id, which the catalog knows also of a store that is away; undefined for one that was never there. */
  idOf(name?: string): Promise<string | undefined>;
  /** As `--store` names it; see open-objects.ts. */
  placeOf: (name: string) => string;
}

export interface StoresOptions {
  stores: readonly [StoreConfig, ...StoreConfig[]];
  segmentBytes: number;
  catalog: Pick<Catalog, 'stores'>;
  /** Makes a store where there is none yet. */
  create: boolean;
  patience: Backoff;
  /** A store is away at the start; the service goes on without it. */
  onAway: (name: string, error: unknown) => void;
}

/** How long the start waits for each of several; who needs it later waits for the same attempt. */
const startPatienceMs = 5_000;

/**
 * One store *must* be there for the service to start; of several, any of them. Mistakes of the configuration are never
 * taken for a store that is away.
 */
export async function openStores(options: StoresOptions, started: Started): Promise<Stores> {
  const { stores: configs, catalog, onAway } = options;
  const [first] = configs;
  await catalog.stores.setDefault(first.name);
  const opening = new Map<string, Promise<BackupStore>>();
  const opened = new Map<string, BackupStore>();

  function open(name = first.name): Promise<BackupStore> {
    const config = configs.find((one) => one.name === name);
    if (config === undefined)
      return Promise.reject(
        unknownStore(
          name,
          configs.map((one) => one.name),
        ),
      );
    const under = opening.get(name);
    if (under !== undefined) return under;
    const attempt = openOne(options, config, started).then((store) => {
      assertOther(opened, name, store);
      opened.set(name, store);
      return store;
    });
    opening.set(name, attempt);
    // The next who needs it asks again.
    attempt.catch(() => opening.delete(name));
    return attempt;
  }

  async function ofId(storeId: string): Promise<BackupStore> {
    const known = [...opened.values()].find((store) => store.storeId === storeId);
    if (known !== undefined) return known;
    const row = await catalog.stores.get(storeId);
    if (row?.name !== undefined && configs.some(({ name }) => name === row.name) && !opened.has(row.name)) {
      const store = await open(row.name);
      if (store.storeId === storeId) return store;
    }
    throw new AppError(
      'CONFLICT_OTHER_STORE',
      `store ${storeId} (${row?.url ?? 'unknown to the catalog'}) is not among those of this service; configure it and start the service again`,
      { details: { storeId } },
    );
  }

  if (configs.length === 1) await open();
  else await openThoseThere(configs, open, onAway);
  return {
    names: configs.map(({ name }) => name),
    defaultName: first.name,
    open,
    ofId,
    idOf: async (name = first.name) =>
      opened.get(name)?.storeId ?? (await catalog.stores.list()).find((row) => row.name === name)?.id,
    placeOf: (name) => storePlace(configs.find((one) => one.name === name) ?? first),
  };
}

async function openThoseThere(
  configs: StoresOptions['stores'],
  open: (name: string) => Promise<BackupStore>,
  onAway: StoresOptions['onAway'],
): Promise<void> {
  const attempts = await Promise.allSettled(configs.map(({ name }) => inTime(name, open(name))));
  const failures = attempts.flatMap((attempt, index) =>
    attempt.status === 'fulfilled'
      ? []
      : [{ name: configs[index]?.name ?? '', error: attempt.reason as unknown }],
  );
  const mistake = failures.find(
    ({ error }) => !(error instanceof AppError) || /^(INPUT|BUG)_/.test(error.code),
  );
  if (mistake !== undefined) throw mistake.error;
  const [failure] = failures;
  if (failure !== undefined && failures.length === configs.length) {
    throw new AppError(
      'STORE_UNREACHABLE',
      `none of the stores is there; ${failure.name}: ${describeError(failure.error)}`,
      {
        cause: failure.error,
      },
    );
  }
  for (const { name, error } of failures) onAway(name, error);
}

async function inTime(name: string, attempt: Promise<BackupStore>): Promise<BackupStore> {
  const waited = new AbortController();
  const late = sleep(startPatienceMs, waited.signal).then(() => undefined);
  late.catch(() => undefined);
  const store = await Promise.race([attempt, late]).finally(() => waited.abort());
  if (store !== undefined) return store;
  throw new AppError('STORE_UNREACHABLE', `store ${name} did not answer within ${startPatienceMs / 1000} s`, {
    retryable: true,
  });
}

async function openOne(
  { catalog, create, segmentBytes, patience }: StoresOptions,
  config: StoreConfig,
  started: Started,
): Promise<BackupStore> {
  const { name, isDefault, isOneOfSeveral, encryption } = config;
  const keys = await masterKeys({ encryption });
  const { objects, url, close } = await openObjects(config, { patience });
  try {
    const isKnown = isOneOfSeveral && (await catalog.stores.list()).some((row) => row.name === name);
    // What is not there any more may be a file system that is not mounted: nothing is begun in its place.
    const store = await openBackupStore(objects, { create: create && !isKnown, segmentBytes, keys });
    await catalog.stores.upsert({ id: store.storeId, url, description: store.description, name, isDefault });
    started.add(close);
    return store;
  } catch (error) {
    close();
    throw error;
  }
}

function assertOther(opened: ReadonlyMap<string, BackupStore>, name: string, { storeId }: BackupStore): void {
  const other = [...opened].find(([, store]) => store.storeId === storeId)?.[0];
  if (other === undefined) return;
  throw new AppError(
    'INPUT_CONFIG',
    `stores ${other} and ${name} are one and the same (${storeId}); name it once`,
  );
}
