import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { AppError } from '../base/errors.ts';
import type { StoreConfig } from '../config/store-settings.ts';
import { openCatalogDatabase, type CatalogDatabase } from '../../test/support/catalog-database.ts';
import { Started } from './started.ts';
import { openStores, type Stores } from './stores.ts';

describe('the stores of a service', () => {
  let database: CatalogDatabase;
  let root: string;
  let started: Started;
  let away: string[];
  before(async () => {
    database = await openCatalogDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    await database.sql('emberkeep.stores').delete();
    root = await mkdtemp(join(tmpdir(), 'ek-stores-'));
    for (const name of ['near', 'far']) await mkdir(join(root, name));
    started = new Started();
    away = [];
  });
  afterEach(async () => {
    await started.stop();
    await rm(root, { recursive: true });
  });

  function storeIn(name: string, more: Partial<StoreConfig> = {}): StoreConfig {
    return {
      name,
      isDefault: false,
      directory: join(root, name),
      isOwnDirectory: false,
      s3: undefined,
      encryption: { old_key_files: [] },
      disks: undefined,
      isOneOfSeveral: true,
      ...more,
    };
  }

  async function open(
    stores: [StoreConfig, ...StoreConfig[]] = [storeIn('near', { isDefault: true }), storeIn('far')],
    create = true,
  ): Promise<Stores> {
    return await openStores(
      {
        stores,
        segmentBytes: 4096,
        catalog: database.catalog,
        create,
        patience: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 },
        onAway: (name, error) =>
          away.push(`${name}: ${error instanceof AppError ? error.code : 'no AppError'}`),
      },
      started,
    );
  }

  test('each is made, named in the catalog, and found by name and by id', async () => {
    const stores = await open();
    const [near, far] = [await stores.open('near'), await stores.open('far')];
    assert.notEqual(near.storeId, far.storeId);
    assert.equal(await stores.open(), near, 'the default one');
    assert.equal(await stores.ofId(far.storeId), far);
    assert.equal(await stores.idOf('far'), far.storeId);
    assert.equal(stores.placeOf('far'), join(root, 'far'));
    assert.deepEqual(
      (await database.catalog.stores.list()).map(({ name, isDefault }) => [name, isDefault]).toSorted(),
      [
        ['far', false],
        ['near', true],
      ],
    );
    await assert.rejects(stores.open('tape'), {
      code: 'INPUT_STORE',
      message: /no store "tape"; it has near, far/,
    });
    await assert.rejects(stores.ofId('nobody'), { code: 'CONFLICT_OTHER_STORE' });
  });

  test('one that is away costs only what needs it, and is opened once it is back', async () => {
    const farId = (await (await open()).open('far')).storeId;
    await rename(join(root, 'far'), join(root, 'unplugged'));
    const stores = await open();
    assert.deepEqual(away, ['far: STORE_UNREACHABLE']);
    assert.equal((await stores.open('near')).description, `directory ${join(root, 'near')}`);
    await assert.rejects(stores.open('far'), { code: 'STORE_UNREACHABLE' });
    await assert.rejects(stores.ofId(farId), { code: 'STORE_UNREACHABLE' });
    assert.equal(await stores.idOf('far'), farId, 'the catalog knows it');
    await rename(join(root, 'unplugged'), join(root, 'far'));
    assert.equal((await stores.ofId(farId)).storeId, farId);
  });

  test('a default one that is away is the default one all the same', async () => {
    const nearId = (await (await open()).open('near')).storeId;
    await rename(join(root, 'near'), join(root, 'unplugged'));
    const stores = await open();
    await assert.rejects(stores.open(), { code: 'STORE_UNREACHABLE' });
    const rows = await database.catalog.stores.list();
    assert.equal(rows.find(({ isDefault }) => isDefault)?.id, nearId);
  });

  test('none of them, the only one, or a mistake of the configuration: the service does not start', async () => {
    await rename(join(root, 'near'), join(root, 'n'));
    await assert.rejects(open([storeIn('near', { isDefault: true, isOneOfSeveral: false })]), {
      code: 'STORE_UNREACHABLE',
    });
    await rename(join(root, 'far'), join(root, 'f'));
    await assert.rejects(open(), { code: 'STORE_UNREACHABLE', message: /none of the stores is there/ });
    await rename(join(root, 'n'), join(root, 'near'));
    const keyless = storeIn('far', {
      directory: join(root, 'f'),
      encryption: { key_file: join(root, 'no.key'), old_key_files: [] },
    });
    await assert.rejects(open([storeIn('near', { isDefault: true }), keyless]), { code: 'INPUT_KEY_FILE' });
    const twice = storeIn('again', { directory: join(root, 'near') });
    await assert.rejects(open([storeIn('near', { isDefault: true }), twice]), {
      code: 'INPUT_CONFIG',
      message: /one and the same/,
    });
  });

  test('an empty directory in the place of a store that is known is not taken for a new one', async () => {
    await open();
    await rename(join(root, 'far'), join(root, 'unmounted'));
    await mkdir(join(root, 'far'));
    await open();
    assert.deepEqual(away, ['far: STORE_NOT_FOUND']);
  });

  test('the only one of a service can be another one than before, as ever', async () => {
    const only = (name: string): StoreConfig =>
      storeIn(name, { name: 'default', isDefault: true, isOneOfSeveral: false, directory: join(root, name) });
    const first = await (await open([only('near')])).open();
    const second = await (await open([only('far')])).open();
    assert.notEqual(first.storeId, second.storeId);
    assert.deepEqual(
      (await database.catalog.stores.list()).filter(({ name }) => name === 'default').map(({ id }) => id),
      [second.storeId],
    );
  });
});
