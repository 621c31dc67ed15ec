// Starts the database of a state directory, says where it is, and keeps it: to be killed by its test.
import { startLocalPostgres } from '../../src/drivers/catalog/server/start-local-postgres.ts';

const [stateDir = ''] = process.argv.slice(2);
const { url, pid } = await startLocalPostgres({ stateDir });
console.log(JSON.stringify({ url, pid }));
setInterval(() => undefined, 60_000);
