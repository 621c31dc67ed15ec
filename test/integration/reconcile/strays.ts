/** What jobs can leave behind, made by hand on the real cloud. */
import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../src/base/errors.ts';
import { newId } from '../../../src/base/ids.ts';
import { markOf, restoreMark } from '../../../src/domain/restore-mark.ts';
import { verifyMark } from '../../../src/domain/verification.ts';
import type { WireJob, WireRestore } from '../../../src/entry/cli/wire.ts';
import { patience } from '../../support/devcloud.ts';
import { imageInfo, rbd } from '../../support/rbd-image.ts';
import type { ScratchCloud } from '../../support/scratch-cloud.ts';
import type { FaultyService } from '../../support/scratch-service.ts';

const mib = 1024 * 1024;

export class Strays {
  readonly #scratch: ScratchCloud;
  readonly #service: FaultyService;

  constructor(scratch: ScratchCloud, service: FaultyService) {
    this.#scratch = scratch;
    this.#service = service;
  }

  /** A restore that fails at its import; what it made is undone. */
  async failedRestore(pointId: string, mode: 'image' | 'volume'): Promise<WireRestore> {
    this.#service.hooks.rbd.importDiff = () => Promise.reject(new AppError('CEPH_FULL', 'says the test'));
    const { restore } = await this.#service.failedRestore({ point: { id: pointId }, mode });
    this.#service.clear();
    return restore;
  }

  /** `POOL/IMAGE` of an image that says which restore made it. */
  async restoredImage(pool: string, restoreId: string, mark = restoreId): Promise<string> {
    const spec = `${pool}/restore-${restoreId}-0`;
    await this.#image(spec);
    await rbd('image-meta', 'set', spec, restoreMark, markOf(mark, { image: `restore-${restoreId}-0` }));
    return spec;
  }

  /** Named as one of a restore's images, but without a mark and without a plan that names it. */
  async unmarkedImage(restoreId: string): Promise<string> {
    const spec = `backups/restore-${restoreId}-7`;
    await this.#image(spec);
    return spec;
  }

  /** A move that was begun. Gives the target. */
  async begunMigration(restoreId: string): Promise<string> {
    const source = await this.restoredImage('backups', restoreId);
    const target = `volumes/restore-${restoreId}-0`;
    this.#scratch.adoptImage(target);
    await rbd('migration', 'prepare', source, target);
    return target;
  }

  async scratchImage(jobId: string, mark = jobId): Promise<string> {
    const spec = `backups/verify-${jobId}-0`;
    await this.#image(spec);
    await rbd('image-meta', 'set', spec, verifyMark, mark);
    return spec;
  }

  /** An image that Cinder deleted and that is in the trash with a snapshot of ours. Gives its id. */
  async trashedVolume(): Promise<string> {
    const volumeId = await this.#scratch.volume();
    const spec = `volumes/volume-${volumeId}`;
    const { result } = await this.#service.backup({ volume: volumeId });
    const { id } = await imageInfo(spec);
    await rbd('snap', 'create', '--no-progress', `${spec}@foreign`);
    const { cinder } = this.#scratch.owner();
    await cinder.deleteVolume(volumeId);
    await cinder.waitForVolumeGone(volumeId, patience);
    await rbd('trash', 'restore', '--pool=volumes', `--image-id=${id}`);
    await rbd('snap', 'rm', '--no-progress', `${spec}@foreign`);
    const linkId = result.disks[0]?.link_id ?? '';
    await rbd('snap', 'create', '--no-progress', `${spec}@backup.${linkId}.snap.17`);
    await rbd('trash', 'mv', spec);
    return id;
  }

  /** A volume that a restore made and could neither write down nor delete. Gives its id. */
  async volumeOfRestore(pointId: string): Promise<string> {
    const { hooks, real } = this.#service;
    hooks.jobs.recordPlan = (id, attempt, plan, step) =>
      step.startsWith('volume made')
        ? Promise.reject(new AppError('LIMIT_TEST', 'says the test'))
        : real.catalog.jobs.recordPlan(id, attempt, plan, step);
    hooks.cinder.deleteVolume = () => Promise.reject(new AppError('OPENSTACK_TEST', 'says the test'));
    const { restore, job } = await this.#service.failedRestore({ point: { id: pointId }, mode: 'volume' });
    this.#service.clear();
    assert.equal(job.error?.type, 'CONFLICT_UNDO_FAILED');
    const volumes = this.#scratch.owner().cinder.listVolumes();
    for await (const { description } of volumes)
      if (description.metadata[restoreMark]?.startsWith(restore.id) === true) return description.id;
    throw new Error('the restore made no volume');
  }

  /** Of the tenant's own making, with a restore's mark written to it. Gives its id. */
  async tamperedVolume(restoreId: string): Promise<string> {
    const id = await this.#scratch.volume();
    const mark = markOf(restoreId, { image: `restore-${restoreId}-0` });
    await this.#scratch.owner().cinder.addMetadata(id, { [restoreMark]: mark });
    return id;
  }

  /** An instance that a backup paused and could not let run again. */
  async pausedInstance(): Promise<string> {
    const id = await this.#scratch.instance({
      disks: [{ volumeId: await this.#scratch.volume({ bootable: true }) }],
    });
    const { hooks } = this.#service;
    hooks.nova.unpauseServer = () => Promise.reject(new AppError('OPENSTACK_TEST', 'says the test'));
    const { jobs } = await this.#service.call<{ jobs: [WireJob] }>('POST', '/v1/backups', {
      target: { instance: id },
      consistency: 'paused',
    });
    const job = await this.#service.ended(jobs[0].id);
    this.#service.clear();
    assert.equal(job.error?.type, 'OPENSTACK_UNPAUSE_FAILED');
    assert.match(job.error.message, new RegExp(`openstack server unpause ${id}`));
    return id;
  }

  /** A folder of a link without a manifest, written to so many days ago. */
  async linkFolder({ days, manifest = false }: { days: number; manifest?: boolean }): Promise<string> {
    const linkId = newId();
    const folder = join(this.#service.config.storeDirectory, 'links', linkId);
    await mkdir(join(folder, 'segments'), { recursive: true });
    const files = ['segments/00000000.zst', ...(manifest ? ['manifest.json'] : [])];
    for (const file of files) await writeFile(join(folder, file), Buffer.alloc(1000));
    const at = new Date(Date.now() - days * 24 * 3_600_000);
    for (const path of [...files, 'segments', '.']) await utimes(join(folder, path), at, at);
    return linkId;
  }

  async #image(spec: string): Promise<void> {
    await rbd('create', `--size=${4 * mib}B`, spec);
    this.#scratch.adoptImage(spec);
  }
}
