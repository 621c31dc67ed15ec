/** What tests of verifications share: chains of real images, verifications of them, and what these leave. */
import assert from 'node:assert/strict';
import type { WireJob, WirePoint } from '../../../src/entry/cli/wire.ts';
import { flipByte } from '../../support/flip-byte.ts';
import { changeImage, imageSha256, listImages, listSnapshots } from '../../support/rbd-image.ts';
import { ScratchCloud } from '../../support/scratch-cloud.ts';
import { startFaultyService, type FaultyService } from '../../support/scratch-service.ts';

export const mib = 1024 * 1024;

export interface Found {
  level: string;
  points: number;
  intact: number;
  damaged: number;
  unverified: number;
  damaged_points: { point_id: string; reason: string }[];
  unverified_points: { point_id: string; reason: string }[];
}

export interface Taken {
  pointId: string;
  linkId: string;
  sha256: string;
}

export class VerificationScene {
  readonly scratch: ScratchCloud;
  readonly service: FaultyService;
  /** Jobs of all verifications that were asked for. */
  readonly #started: string[] = [];

  private constructor(scratch: ScratchCloud, service: FaultyService) {
    this.scratch = scratch;
    this.service = service;
  }

  static async open(piece: string): Promise<VerificationScene> {
    return new VerificationScene(await ScratchCloud.open(piece), await startFaultyService());
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.scratch.close();
  }

  async start(target: object, level: string, of = this.service, cloud?: string): Promise<WireJob> {
    const { job } = await of.call<{ job: WireJob }>('POST', '/v1/verifications', { target, level }, cloud);
    this.#started.push(job.id);
    return job;
  }

  async verified(target: object, level: string): Promise<Found> {
    const job = await this.service.ended((await this.start(target, level)).id);
    assert.equal(job.state, 'succeeded', JSON.stringify(job.error));
    return job.result as unknown as Found;
  }

  async pointNow(id: string): Promise<WirePoint> {
    return (await this.service.call<{ point: WirePoint }>('GET', `/v1/points/${id}`)).point;
  }

  async takePoint(spec: string, of = this.service): Promise<Taken> {
    const { result } = await of.backup({ image: spec });
    const [disk] = result.disks;
    assert.ok(disk);
    const [snapshot] = await listSnapshots(spec);
    const sha256 = await imageSha256(`${spec}@${snapshot?.name ?? ''}`);
    return { pointId: result.point_id, linkId: disk.link_id, sha256 };
  }

  /** A full and increments on it, each with data of its own. */
  async takeChain(length: number, of = this.service): Promise<{ spec: string; points: Taken[] }> {
    const spec = await this.scratch.image('volumes', 24 * mib);
    const points: Taken[] = [];
    for (let index = 0; index < length; index++) {
      const write = { kind: 'write', offset: index * 4 * mib + 4096, length: mib, seed: index + 1 } as const;
      await changeImage(spec, [write]);
      points.push(await this.takePoint(spec, of));
    }
    return { spec, points };
  }

  async flipByte(linkId: string): Promise<void> {
    await flipByte(this.service.config.storeDirectory, linkId);
  }

  /** Of this scene's verifications: others may run beside it. */
  async images(): Promise<string[]> {
    const images = await listImages('backups');
    return images.filter((image) => this.#started.some((id) => image.startsWith(`verify-${id}-`)));
  }
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  assert.ok(item !== undefined);
  return item;
}
