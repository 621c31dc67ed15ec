/** Volumes, instances and images of one test file on the real cloud, all removed at its end. */
import { setTimeout as delay } from 'node:timers/promises';
import { hasStatus } from '../../src/drivers/openstack/http-error.ts';
import type { OpenStack, OpenStackClients } from '../../src/drivers/openstack/openstack.ts';
import { devcloud, openCloud, patience, projectNamed } from './devcloud.ts';
import { createImage, listImages, rbd, removeImage } from './rbd-image.ts';

export interface ScratchVolume {
  name?: string;
  sizeGib?: number;
  /** Volume type; `ceph` unless told. */
  type?: string;
  bootable?: boolean;
  project?: 'tenant' | 'other';
}

export interface ScratchDisk {
  volumeId: string;
  tag?: string;
  device?: string;
  deleteOnTermination?: boolean;
}

export interface ScratchInstance {
  name?: string;
  /** Root first; the first is booted from. */
  disks: ScratchDisk[];
  zone?: 'fake' | 'libvirt';
  project?: 'tenant' | 'other';
  metadata?: Record<string, string>;
  /** Id of a flavor; `m1.nano` unless told. */
  flavor?: string;
  /** Ids of ports; none unless told. Only the fake host can have some. */
  ports?: string[];
}

export class ScratchCloud {
  /** The service's user: may see everything. */
  readonly admin: OpenStack;
  /** Names of everything of this run begin so. */
  readonly prefix: string;
  readonly #projects: Record<'tenant' | 'other', string>;
  readonly #servers: { id: string; owner: OpenStackClients }[] = [];
  readonly #images: string[] = [];
  #count = 0;

  private constructor(piece: string, admin: OpenStack, projects: Record<'tenant' | 'other', string>) {
    this.prefix = `mj-${piece}-${process.pid}`;
    this.admin = admin;
    this.#projects = projects;
  }

  static async open(piece: string): Promise<ScratchCloud> {
    const admin = openCloud('emberkeep');
    const [tenant, other] = [await projectNamed(admin, 'tenant'), await projectNamed(admin, 'other')];
    return new ScratchCloud(piece, admin, { tenant, other });
  }

  /** Clients that act in a project, as its owner would. */
  owner(project: 'tenant' | 'other' = 'tenant'): OpenStackClients {
    return this.admin.inProject(this.#projects[project]);
  }

  projectId(project: 'tenant' | 'other' = 'tenant'): string {
    return this.#projects[project];
  }

  name(what: string): string {
    this.#count += 1;
    return `${this.prefix}-${what}-${this.#count}`;
  }

  /** Id of a new volume that is available. */
  async volume(options: ScratchVolume = {}): Promise<string> {
    const { cinder } = this.owner(options.project);
    const { description } = await cinder.createVolume({
      name: options.name ?? this.name('volume'),
      sizeGib: options.sizeGib ?? 1,
      volumeType: options.type ?? 'ceph',
    });
    await cinder.waitForVolume(description.id, ['available'], patience);
    if (options.bootable === true) await cinder.setBootable(description.id, true);
    return description.id;
  }

  /** Id of a new ACTIVE instance; on the fake host unless told. */
  async instance({ name, disks, zone = 'fake', project, ...more }: ScratchInstance): Promise<string> {
    const owner = this.owner(project);
    const id = await owner.nova.createServer({
      name: name ?? this.name('instance'),
      flavorRef: more.flavor ?? '42',
      networks: more.ports?.map((port) => ({ port })) ?? 'none',
      metadata: more.metadata ?? {},
      availability_zone: devcloud().zones[zone],
      block_device_mapping_v2: disks.map((disk, index) => ({
        uuid: disk.volumeId,
        source_type: 'volume',
        destination_type: 'volume',
        boot_index: index === 0 ? 0 : -1,
        delete_on_termination: disk.deleteOnTermination ?? false,
        ...(disk.tag === undefined ? {} : { tag: disk.tag }),
        ...(disk.device === undefined ? {} : { device_name: disk.device }),
      })),
    });
    this.#servers.push({ id, owner });
    await owner.nova.waitForServer(id, 'ACTIVE', patience);
    return id;
  }

  /** A server made by other means is removed at the end too. */
  adoptInstance(id: string, project: 'tenant' | 'other' = 'tenant'): void {
    this.#servers.push({ id, owner: this.owner(project) });
  }

  /** `POOL/IMAGE` of a new empty image of nobody's. */
  async image(pool: 'volumes' | 'backups', sizeBytes: number, ...more: string[]): Promise<string> {
    const spec = `${pool}/${this.name('image')}`;
    if (more.length === 0) await createImage(spec, sizeBytes);
    else await rbd('create', `--size=${sizeBytes}B`, ...more, spec);
    this.#images.push(spec);
    return spec;
  }

  /** An image made by other means is removed at the end too. */
  adoptImage(spec: string): void {
    this.#images.push(spec);
  }

  /** Id, name and status of every volume of this run, also of those that restores made. */
  async volumes(): Promise<{ id: string; name: string; status: string; projectId: string }[]> {
    const found = [];
    for await (const { description, status } of this.admin.cinder.listVolumes({ allProjects: true })) {
      const { id, name, projectId } = description;
      if (name.startsWith(this.prefix)) found.push({ id, name, status, projectId });
    }
    return found;
  }

  /** Images that a restore left under their first names, in either pool. */
  async freshImages(restoreId: string): Promise<string[]> {
    const all = [...(await listImages('backups')), ...(await listImages('volumes'))];
    return all.filter((image) => image.startsWith(`restore-${restoreId}`));
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (step: () => Promise<unknown>): Promise<void> => {
      await step().catch((error: unknown) => failures.push(error));
    };
    for (const { id, owner } of this.#servers) await attempt(() => owner.nova.deleteServer(id));
    for (const { id, owner } of this.#servers)
      await attempt(() => owner.nova.waitForServerGone(id, patience));
    await attempt(() => this.#removeVolumes());
    for (const spec of this.#images) await attempt(() => removeImage(spec));
    this.admin.close();
    if (failures.length > 0) throw new AggregateError(failures, 'clean-up failed');
  }

  async #removeVolumes(): Promise<void> {
    const left = await this.volumes();
    await Promise.all(
      left.map(async ({ id, projectId }) => {
        const { cinder } = this.admin.inProject(projectId);
        await letGo(() => cinder.deleteVolume(id));
        await cinder.waitForVolumeGone(id, patience);
      }),
    );
  }
}

/** A server can be gone a moment before Cinder has let its volumes go: until then it refuses with status 400. */
async function letGo(deleteVolume: () => Promise<void>): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      await deleteVolume();
      return;
    } catch (error) {
      if (!hasStatus(error, 400) || Date.now() > end) throw error;
      await delay(500);
    }
  }
}
