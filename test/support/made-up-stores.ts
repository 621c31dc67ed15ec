import type { StoresSeen } from '../../src/workflows/inventory/list-stores.ts';

/** The one store of a service that never opens it. */
export function madeUpStores(place = '/srv/emberkeep'): StoresSeen {
  return {
    names: ['default'],
    defaultName: 'default',
    placeOf: () => place,
    there: () => Promise.resolve(new Map([['default', true]])),
    space: () => Promise.resolve(new Map()),
  };
}
