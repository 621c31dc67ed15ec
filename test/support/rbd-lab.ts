/** One Python process with librbd for tests that change and read many images: `rbd` would connect anew for each step. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { devcloud } from './devcloud.ts';
import type { ImageChange } from './rbd-image.ts';

const script = `
import hashlib, json, random, rados, rbd, sys
conf, keyring, pool = sys.argv[1:4]
def content(change):
    if change['seed'] == 0: return bytes(change['length'])
    return random.Random(change['seed']).randbytes(change['length'])
def sha256(image):
    digest, size = hashlib.sha256(), image.size()
    for at in range(0, size, 1 << 22): digest.update(image.read(at, min(1 << 22, size - at)))
    return digest.hexdigest()
def run(ioctx, order):
    verb, name = order['verb'], order['image']
    if verb == 'create':
        rbd.RBD().create(ioctx, name, order['sizeBytes'], order=order['order'], old_format=False)
    elif verb == 'remove':
        with rbd.Image(ioctx, name) as image:
            for snapshot in image.list_snaps(): image.remove_snap(snapshot['name'])
        rbd.RBD().remove(ioctx, name)
    elif verb == 'change':
        with rbd.Image(ioctx, name) as image:
            for change in order['changes']:
                if change['kind'] == 'resize': image.resize(change['sizeBytes'])
                elif change['offset'] < image.size():
                    length = min(change['length'], image.size() - change['offset'])
                    if change['kind'] == 'write': image.write(content(change)[:length], change['offset'])
                    else: image.discard(change['offset'], length)
    elif verb == 'snapshot':
        with rbd.Image(ioctx, name) as image:
            image.create_snap(order['snapshot'])
            image.set_snap(order['snapshot'])
            return sha256(image)
    elif verb == 'hash':
        with rbd.Image(ioctx, name, read_only=True) as image: return sha256(image)
with rados.Rados(conffile=conf, conf={'keyring': keyring}) as cluster, cluster.open_ioctx(pool) as ioctx:
    for line in sys.stdin:
        try: print(json.dumps({'result': run(ioctx, json.loads(line))}), flush=True)
        except Exception as error: print(json.dumps({'error': repr(error)}), flush=True)
`;

export type LabOrder =
  | { verb: 'create'; image: string; sizeBytes: number; order: number }
  | { verb: 'remove' | 'hash'; image: string }
  | { verb: 'change'; image: string; changes: readonly ImageChange[] }
  | { verb: 'snapshot'; image: string; snapshot: string };

export interface RbdLab {
  /** One at a time. `snapshot` and `hash` give the SHA-256 of all bytes, holes as zeros. */
  run(order: LabOrder): Promise<string>;
  close(): Promise<void>;
}

export function openRbdLab(pool: string): RbdLab {
  const { cephConf, keyring } = devcloud();
  const child = spawn('/usr/bin/python3', ['-c', script, cephConf, keyring, pool], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    run: async (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('the process that changes images has ended');
      const answer = JSON.parse(line.value) as { result: string | null; error?: string };
      if (answer.error !== undefined) throw new Error(`${order.verb} ${order.image}: ${answer.error}`);
      return answer.result ?? '';
    },
    close: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
