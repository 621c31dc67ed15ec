import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCli, type CliOutcome, type CliRunOptions } from '../../../test/support/cli-runner.ts';
import { AppError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { CatRequest } from '../../workflows/offline/cat.ts';
import type { OfflineOperations } from '../../workflows/offline/operations.ts';
import type { OfflineRestoreRequest } from '../../workflows/offline/restore.ts';
import type { VerifiedPoint } from '../../workflows/offline/verify.ts';

const pointId = newId();

/** What was asked of the store. */
interface Asked {
  opened: unknown[];
  cat: CatRequest[];
  restore: OfflineRestoreRequest[];
  closed: number;
}

async function offline(
  args: string[],
  { points = [], ...options }: CliRunOptions & { points?: VerifiedPoint[] } = {},
): Promise<CliOutcome & { asked: Asked }> {
  const asked: Asked = { opened: [], cat: [], restore: [], closed: 0 };
  const store: OfflineOperations = {
    description: 'directory /srv/x',
    defaultCluster: 'main',
    list: () => Promise.resolve([]),
    show: () => Promise.reject(new AppError('NOTFOUND_POINT', 'there is no such point')),
    cat: (request) => {
      asked.cat.push(request);
      return Promise.resolve(chunks());
    },
    restore: (request) => {
      asked.restore.push(request);
      request.onProgress(5, 10);
      return Promise.resolve({ target: 'backups/x', sizeBytes: 1024, links: 2 });
    },
    verify: ({ onProgress }) => {
      onProgress({ link: 1, links: 2, plainBytes: 4096 });
      return Promise.resolve({
        points,
        links: 2,
        segments: 3,
        plainBytes: 4096,
        unusedLinks: 1,
        unfinishedLinks: 0,
      });
    },
    close: () => {
      asked.closed += 1;
    },
  };
  const run = startCli(['offline', ...args], {
    ...options,
    openOffline: (_config, open) => {
      asked.opened.push(open);
      return Promise.resolve(store);
    },
  });
  return { ...(await run.done), asked };
}

/** One memory for all of them, as a flattened chain gives it. */
async function* chunks(): AsyncGenerator<Buffer> {
  const memory = Buffer.alloc(5);
  for (const text of ['rbd d', 'iff v', '1\n...']) {
    memory.write(text);
    await Promise.resolve();
    yield memory;
  }
}

function point(state: VerifiedPoint['state']): VerifiedPoint {
  return { id: newId(), sourceName: 'web-01', takenAt: '2026-11-22T10:00:00.000Z', state, reasons: [] };
}

describe('emberkeep offline', () => {
  test('cat writes the stream as it is, but never to a terminal', async () => {
    const { code, stdout, asked } = await offline(['cat', pointId, '--disk', '2', '--whole']);
    assert.deepEqual([code, stdout, asked.closed], [0, 'rbd diff v1\n...', 1]);
    assert.deepEqual(
      asked.cat.map(({ id, disk, whole }) => [id, disk, whole]),
      [[pointId, '2', true]],
    );
    const terminal = await offline(['cat', pointId], { isTty: true });
    assert.equal(terminal.code, 2);
    assert.match(terminal.stderr, /INPUT_TERMINAL/);
    assert.deepEqual([terminal.stdout, terminal.asked.cat, terminal.asked.closed], ['', [], 1]);
  });

  test('restore goes to exactly one place', async () => {
    const image = await offline(['restore', pointId, '--to', 'backups/x', '--plain', '-f', 'json']);
    assert.deepEqual(JSON.parse(image.stdout), { target: 'backups/x', size_bytes: 1024, links: 2 });
    assert.equal(image.stderr, '', 'progress is for terminals');
    const target = { image: { cluster: 'main', pool: 'backups', image: 'x' } };
    assert.deepEqual(
      image.asked.restore.map(({ target: to, plain, disk }) => [to, plain, disk]),
      [[target, true, undefined]],
    );
    const file = await offline(['restore', pointId, '--to-file', 'x.raw'], { isTty: true });
    assert.deepEqual(file.asked.restore[0]?.target, { file: 'x.raw' });
    assert.match(file.stderr, /Restoring: 50 %/);
    for (const wrong of [
      [],
      ['--to', 'backups/x', '--to-file', 'x.raw'],
      ['--to', 'backups'],
      ['--to-file', 'x', '--plain'],
      ['--to-file', 'x', '--cluster', 'main'],
    ]) {
      const refused = await offline(['restore', pointId, ...wrong]);
      assert.deepEqual([refused.code, refused.asked.opened], [2, []], wrong.join(' '));
    }
  });

  test('verify ends with 9 for damage, with 8 for a missing key, and says how much it read', async () => {
    const ended = async (...states: VerifiedPoint['state'][]): Promise<number> =>
      (await offline(['verify', '--all'], { points: states.map(point) })).code;
    assert.equal(await ended('intact', 'intact'), 0);
    assert.equal(await ended('intact', 'unverified'), 8);
    assert.equal(await ended('unverified', 'incomplete'), 9);
    assert.equal(await ended('intact', 'damaged', 'unverified'), 9);
    const { stdout, stderr } = await offline(['verify', pointId, '-f', 'value', '-c', 'State'], {
      points: [point('intact'), point('damaged')],
    });
    assert.equal(stdout, 'intact\ndamaged\n');
    assert.equal(
      stderr,
      '1 of 2 points are intact; read 2 links, 3 segments, 4 KiB; links that no point needs: 1.\n',
    );
    for (const wrong of [['verify'], ['verify', pointId, '--all'], ['verify', 'x']])
      assert.equal((await offline(wrong)).code, 2);
  });

  test('passes the keys on, and closes the store whatever happened', async () => {
    const { code, stderr, asked } = await offline(['show', pointId, '--key-file', 'a', '--key-file', 'b']);
    assert.deepEqual(asked.opened, [{ keyFiles: ['a', 'b'] }]);
    assert.deepEqual([code, asked.closed], [5, 1]);
    assert.match(stderr, /there is no such point \(NOTFOUND_POINT\)/);
  });

  test('refuses what is no place of a store, and columns that are not there, before it opens one', async () => {
    for (const args of [
      ['list', '--store', 'ftp://x'],
      ['list', '--store', ''],
      ['list', '-c', 'Colour'],
    ]) {
      const refused = await offline(args);
      assert.deepEqual([refused.code, refused.asked.opened], [2, []]);
    }
    assert.equal((await offline(['list', '-f', 'json'])).stdout, '[]\n');
  });
});
