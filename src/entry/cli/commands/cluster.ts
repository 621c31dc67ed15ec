import type { Command } from 'commander';
import { parseImagePath, parseName, type ImagePath } from '../arguments.ts';
import { bytesColumn, textColumn, timeColumn, type Column } from '../output/columns.ts';
import { addOutputOptions, printList, type FormatOptions } from '../output/options.ts';
import type { WireImage, WirePool, WireSnapshot } from '../wire.ts';
import { addExamples } from './examples.ts';
import { runInSession, type Runner } from './run.ts';

const poolColumns: readonly Column<WirePool>[] = [
  textColumn('Cluster', ({ cluster }) => cluster),
  textColumn('Pool', ({ pool }) => pool),
  { title: 'Images', value: ({ images }) => images },
  bytesColumn('Used', ({ used_bytes: bytes }) => bytes),
  bytesColumn('Available', ({ available_bytes: bytes }) => bytes),
];

const imageColumns: readonly Column<WireImage>[] = [
  textColumn('Image', ({ image }) => image),
  bytesColumn('Size', ({ size_bytes: bytes }) => bytes),
  { title: 'Snapshots', value: ({ snapshots }) => snapshots },
  { title: 'Watchers', value: ({ watchers }) => watchers },
  textColumn('Disk', ({ disk_key: key }) => key),
];

const snapshotColumns: readonly Column<WireSnapshot>[] = [
  { title: 'ID', value: ({ id }) => id },
  textColumn('Name', ({ name }) => name),
  bytesColumn('Size', ({ size_bytes: bytes }) => bytes),
  timeColumn('Created At', ({ created_at: time }) => time),
  { title: 'Protected', value: ({ protected: isProtected }) => isProtected },
  { title: 'Ours', value: ({ ours }) => ours },
];

interface ClusterOptions extends FormatOptions {
  cluster?: string;
}

function addClusterOption(command: Command): Command {
  return command.option('--cluster <NAME>', 'Ceph cluster, as configured', parseName('cluster'));
}

/** What Ceph holds, for administrators. */
export function addClusterCommands(program: Command, run: Runner): void {
  addOutputOptions(
    addExamples(
      program
        .command('pool')
        .description('RBD pools (administrators)')
        .command('list')
        .description('list pools'),
      ['emberkeep pool list'],
    ),
  ).action((options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const { pools } = await client.get<{ pools: WirePool[] }>('/v1/pools');
      await printList(context, pools, poolColumns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      addClusterOption(
        program
          .command('image')
          .description('RBD images (administrators)')
          .command('list')
          .description('list the images of a pool')
          .argument('<POOL>', 'name of the pool', parseName('pool')),
      ),
      ['emberkeep image list volumes -f json'],
    ),
  ).action((pool: string, options: ClusterOptions) =>
    runInSession(run, async (context, { client }) => {
      const path = `/v1/pools/${encodeURIComponent(pool)}/images`;
      const query = { cluster: options.cluster };
      const images = await client.list<WireImage>(path, 'images', query, undefined);
      await printList(context, images, imageColumns, options);
    }),
  );

  addOutputOptions(
    addExamples(
      addClusterOption(
        program
          .command('snapshot')
          .description('RBD snapshots (administrators)')
          .command('list')
          .description('list the snapshots of an image')
          .argument('<POOL/IMAGE>', 'the image', parseImagePath),
      ),
      ['emberkeep snapshot list volumes/volume-6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f'],
    ),
  ).action(({ pool, image }: ImagePath, options: ClusterOptions) =>
    runInSession(run, async (context, { client }) => {
      const path = `/v1/pools/${encodeURIComponent(pool)}/images/${encodeURIComponent(image)}/snapshots`;
      const { snapshots } = await client.get<{ snapshots: WireSnapshot[] }>(path, {
        cluster: options.cluster,
      });
      await printList(context, snapshots, snapshotColumns, options);
    }),
  );
}
