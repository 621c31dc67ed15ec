/** Reads the chain of a point as one flat stream and tells how much memory that took; a process of its own for that. */
import { readFileSync } from 'node:fs';
import type { LinkManifest } from '../../src/domain/manifest.ts';
import { openBackupStore } from '../../src/drivers/store/backup-store.ts';
import { FilesystemStore } from '../../src/drivers/store/filesystem-store.ts';

const [root = '', ...linkIds] = process.argv.slice(2);
const store = await openBackupStore(await FilesystemStore.open(root), { create: false });
const chain: LinkManifest[] = [];
for (const linkId of linkIds) {
  const link = await store.readLinkManifest(linkId);
  if (link === undefined) throw new Error(`link ${linkId} is missing`);
  chain.push(link);
}
let bytes = 0;
for await (const chunk of store.openChainStream(chain)) bytes += chunk.length;
const peakKib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
process.stdout.write(JSON.stringify({ bytes, peakBytes: peakKib * 1024 }));
