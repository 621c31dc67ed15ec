/** What tests of restores in place and of undos share: volumes with known bytes, and what the cloud shows of them. */
import assert from 'node:assert/strict';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { patience } from '../../support/devcloud.ts';
import { changeImage, headSha256, listImages, rbd } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';
import { ApiFailure, succeeded, type RestoreJob } from '../../support/service.ts';

export const mib = 1024 * 1024;
export const gib = 1024 * mib;

export function imageOf(volumeId: string): string {
  return `volumes/volume-${volumeId}`;
}

export class InPlaceScene {
  readonly scratch: ScratchCloud;
  readonly service: FaultyService;
  /** Restores whose images go at the end. */
  readonly restored: string[] = [];

  private constructor(scratch: ScratchCloud, service: FaultyService) {
    this.scratch = scratch;
    this.service = service;
  }

  static async open(piece: string): Promise<InPlaceScene> {
    return new InPlaceScene(await ScratchCloud.open(piece), await startFaultyService());
  }

  async close(): Promise<void> {
    await this.#removeKept();
    await this.service.stop();
    await this.scratch.close();
  }

  /** What undos that nobody asked for would keep for days. */
  async #removeKept(): Promise<void> {
    for (const image of (await Promise.all(this.restored.map((id) => this.ofRestore(id)))).flat()) {
      await rbd('snap', 'purge', '--no-progress', image);
      await rbd('rm', '--no-progress', image);
    }
  }

  /** Seeded bytes over the first MiB of the volume; gives its checksum. */
  async fill(volumeId: string, seed: number): Promise<string> {
    await changeImage(imageOf(volumeId), [{ kind: 'write', offset: 0, length: mib, seed }]);
    return await headSha256(imageOf(volumeId));
  }

  async restore(pointId: string, disks: string[] = []): Promise<RestoreJob> {
    const job = await this.service.restore({ point: { id: pointId }, mode: 'in-place', disks });
    this.restored.push(job.result.restore_id);
    return job;
  }

  async failedRestore(pointId: string, code: string): Promise<WireJob> {
    const { restore, job } = await this.service.failedRestore({ point: { id: pointId }, mode: 'in-place' });
    this.restored.push(restore.id);
    assert.equal(job.error?.type, code, JSON.stringify(job.error));
    assert.deepEqual(await this.ofRestore(restore.id), [], 'nothing is left of it');
    return job;
  }

  async show(id: string): Promise<WireRestore> {
    return (await this.service.call<{ restore: WireRestore }>('GET', `/v1/restores/${id}`)).restore;
  }

  async endedUndo(restoreId: string): Promise<WireJob> {
    const { job } = await this.service.call<{ job: WireJob }>('POST', `/v1/restores/${restoreId}/undo`);
    return await this.service.ended(job.id);
  }

  async undo(restoreId: string): Promise<WireJob> {
    return succeeded(await this.endedUndo(restoreId));
  }

  async refusedUndo(restoreId: string, code: string, cloud?: string): Promise<void> {
    await assert.rejects(
      this.service.call('POST', `/v1/restores/${restoreId}/undo`, undefined, cloud),
      (error) => error instanceof ApiFailure && error.body.error.type === code,
      code,
    );
  }

  /** Every image, in any pool, whose name holds the restore's id. */
  async ofRestore(restoreId: string): Promise<string[]> {
    const pools = ['volumes', 'backups', 'vms'];
    const all = await Promise.all(
      pools.map(async (pool) => (await listImages(pool)).map((name) => `${pool}/${name}`)),
    );
    return all.flat().filter((name) => name.includes(restoreId));
  }

  /** All that Nova and Cinder show of the instance and its volumes, but for times. */
  async view(instanceId: string): Promise<Record<string, unknown> & { attachments: { volumeId: string }[] }> {
    const { nova, cinder } = this.scratch.owner();
    const server = await nova.getServer(instanceId);
    const attachments = await nova.describeAttachments(server);
    const volumes = await Promise.all(attachments.map(({ volumeId }) => cinder.getVolume(volumeId)));
    return { description: server.description, state: server.state, attachments, volumes };
  }

  /** On the host whose instances exist in the API only. */
  async instance(): Promise<{ id: string; rootId: string; dataId: string }> {
    const { scratch } = this;
    const [rootId, dataId] = await Promise.all([scratch.volume({ bootable: true }), scratch.volume()]);
    const id = await scratch.instance({
      disks: [{ volumeId: rootId }, { volumeId: dataId, deleteOnTermination: true }],
    });
    return { id, rootId, dataId };
  }

  async extend(volumeId: string, sizeGib: number): Promise<void> {
    const { keystone, cinder } = this.scratch.owner();
    await keystone.service('block-storage').request({
      method: 'POST',
      path: `/volumes/${volumeId}/action`,
      body: { 'os-extend': { new_size: sizeGib } },
      expected: [202],
    });
    await cinder.waitForVolume(volumeId, ['available'], patience);
  }

  async snapshot(volumeId: string): Promise<string> {
    const { keystone } = this.scratch.owner();
    const made = await keystone.service('block-storage').request({
      method: 'POST',
      path: '/snapshots',
      body: { snapshot: { volume_id: volumeId, name: this.scratch.name('snapshot'), force: true } },
      expected: [202],
    });
    const { snapshot } = made.body as { snapshot: { id: string } };
    await this.#untilSnapshots(volumeId, (rows) => rows.some(({ status }) => status === 'available'));
    return snapshot.id;
  }

  /** A volume that Cinder makes of the snapshot: a clone that hangs on it. */
  async clone(snapshotId: string): Promise<string> {
    const { keystone, cinder } = this.scratch.owner();
    const volume = { snapshot_id: snapshotId, name: this.scratch.name('clone'), volume_type: 'ceph' };
    const block = keystone.service('block-storage');
    const made = await block.request({ method: 'POST', path: '/volumes', body: { volume }, expected: [202] });
    const { id } = (made.body as { volume: { id: string } }).volume;
    await cinder.waitForVolume(id, ['available'], patience);
    return id;
  }

  async deleteVolume(volumeId: string): Promise<void> {
    const { cinder } = this.scratch.owner();
    await cinder.deleteVolume(volumeId);
    await cinder.waitForVolumeGone(volumeId, patience);
  }

  async deleteSnapshot(volumeId: string, snapshotId: string): Promise<void> {
    const block = this.scratch.owner().keystone.service('block-storage');
    await block.request({ method: 'DELETE', path: `/snapshots/${snapshotId}`, expected: [202] });
    await this.#untilSnapshots(volumeId, (rows) => rows.length === 0);
  }

  async #untilSnapshots(volumeId: string, done: (rows: { status: string }[]) => boolean): Promise<void> {
    for (let round = 0; round < 120; round++) {
      if (done(await this.scratch.owner().cinder.listSnapshots(volumeId))) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.fail(`snapshots of ${volumeId} did not settle`);
  }
}
