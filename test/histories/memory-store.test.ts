import { storeContract } from '../contract/store-contract.ts';
import { CrashingStore } from './crashing-store.ts';
import { MemoryStore } from './memory-store.ts';

storeContract('the store in memory', () => {
  const store = new CrashingStore(new MemoryStore());
  return Promise.resolve({
    store,
    reopen: () => Promise.resolve(store),
    close: () => Promise.resolve(),
  });
});
