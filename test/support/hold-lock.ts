// Takes one lock, says so, and keeps it: to be killed by its test.
import { createLocks } from '../../src/drivers/catalog/locks.ts';

const [url = '', name = ''] = process.argv.slice(2);
const lock = await createLocks({ url }).acquire(name);
console.log(lock ? 'held' : 'refused');
