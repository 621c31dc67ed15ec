// A worker that takes one order, says which, and never ends it: to be killed by its test.
import { createQueue } from '../../src/drivers/queue/queue.ts';

const [url = ''] = process.argv.slice(2);
const queue = createQueue({ url, onError: () => undefined });
await queue.start();
await queue.work(
  ({ jobId }) => {
    console.log(jobId);
    return new Promise(() => undefined);
  },
  { concurrency: 1 },
);
