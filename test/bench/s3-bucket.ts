/** A bucket of the development cloud's own gateway, for one run. */
import { CreateBucketCommand, DeleteBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Store } from '../../src/drivers/store/s3-store.ts';
import type { Cleanup } from '../support/devcloud.ts';
import { radosgwAdmin, s3Cloud } from '../support/s3-buckets.ts';
import { isLeftover, prefix } from './names.ts';

const bucket = `${prefix}${process.pid}`;

/** Gives the environment of a service whose store it is. */
export async function makeBucket(cleanup: Cleanup): Promise<Record<string, string>> {
  const { endpoint, region, accessKey, secretKey } = s3Cloud();
  await withClient((client) => client.send(new CreateBucketCommand({ Bucket: bucket })));
  cleanup.add(() => removeBucket(bucket));
  return {
    EMBERKEEP_STORE: `s3://${bucket}`,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
  };
}

/** What runs that were killed have left. */
export async function removeLeftBuckets(): Promise<void> {
  const { Buckets = [] } = await withClient((client) => client.send(new ListBucketsCommand({})));
  for (const { Name = '' } of Buckets) if (await isLeftover(Name)) await removeBucket(Name);
}

async function removeBucket(name: string): Promise<void> {
  const { endpoint, region, accessKey, secretKey } = s3Cloud();
  const store = await S3Store.open({
    bucket: name,
    prefix: '',
    endpoint,
    region,
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    secretAccessKeyFile: undefined,
    pathStyle: true,
    caFile: undefined,
  });
  for await (const { key } of store.list('')) await store.remove(key);
  store.close();
  await withClient((client) => client.send(new DeleteBucketCommand({ Bucket: name })));
  // Else the gateway keeps the room for two hours, and gives it back while somebody measures.
  await radosgwAdmin('gc', 'process', '--include-all');
}

async function withClient<T>(use: (client: S3Client) => Promise<T>): Promise<T> {
  const { endpoint, region, accessKey, secretKey } = s3Cloud();
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
