/** A small cloud in memory behind the inventory: two projects, Ceph names as Ceph takes them, nothing that can be slow. */
import { AppError } from '../../src/base/errors.ts';
import type { InstanceDescription } from '../../src/domain/instance.ts';
import type { Rbd } from '../../src/drivers/ceph/rbd.ts';
import { imageSpec, poolSpec } from '../../src/drivers/ceph/specs.ts';
import type { Cinder, VolumeFilter } from '../../src/drivers/openstack/cinder.ts';
import type { Volume } from '../../src/drivers/openstack/cinder-volume.ts';
import type { Nova, ServerFilter } from '../../src/drivers/openstack/nova.ts';
import type { Server } from '../../src/drivers/openstack/nova-server.ts';
import type { InventoryDeps } from '../../src/workflows/inventory/deps.ts';
import { anInstance, fixedTime, projectOf, uuidOf } from './fake-cloud.ts';

export const ownProjectId = projectOf('demo');
export const foreignProjectId = projectOf('other');

export class LabCloud {
  readonly instances: InstanceDescription[] = [
    anInstance('web-01').instance,
    anInstance('web-02').instance,
    anInstance('db-01', foreignProjectId).instance,
  ];
  readonly volumes: Volume[] = [
    aVolume('data-01', ownProjectId),
    aVolume('data-02', foreignProjectId),
    aVolume('web-01', ownProjectId, anInstance('web-01').instance.id),
  ];

  readonly inventory: InventoryDeps = {
    nova: this.#nova() as Nova,
    cinder: this.#cinder() as Cinder,
    rbd: this.#rbd(),
    placement: {
      backends: {},
      volumesPool: { cluster: 'ceph', pool: 'volumes' },
      novaPool: { cluster: 'ceph', pool: 'vms' },
    },
  };

  #nova(): Partial<Nova> {
    const toServer = (description: InstanceDescription): Server =>
      ({ description, state: { status: description.status } }) as Server;
    const find = (filter: ServerFilter): Server[] =>
      this.instances
        .filter(({ projectId, name }) => passes(filter, projectId, name))
        .filter(({ status }) => [undefined, status].includes(filter.status))
        .map(toServer);
    return {
      findServers: (nameOrId, filter = {}) =>
        Promise.resolve(
          find({ ...filter, name: undefined }).filter(({ description: { id, name } }) =>
            [id, name].includes(nameOrId),
          ),
        ),
      listServersPage: ({ limit, marker, ...filter }) => {
        // As Nova: any marker will do, whoever it belongs to.
        const known = this.instances.some(({ id }) => id === marker);
        if (marker !== undefined && !known) return Promise.reject(markerUnknown(marker));
        const all = find(filter);
        const from = all.findIndex(({ description }) => description.id === marker) + 1;
        const servers = all.slice(from, from + limit);
        const hasNext = from + limit < all.length;
        return Promise.resolve({
          servers,
          nextMarker: hasNext ? servers.at(-1)?.description.id : undefined,
        });
      },
      listServerIds: () => iterate(this.instances.map(({ id }) => id)),
      describeAttachments: () => Promise.resolve([]),
      getServer: (id) => {
        const found = this.instances.find((each) => each.id === id);
        return found === undefined
          ? Promise.reject(new AppError('NOTFOUND_INSTANCE', `instance ${id} was not found`))
          : Promise.resolve(toServer(found));
      },
    };
  }

  #cinder(): Partial<Cinder> {
    const find = (filter: VolumeFilter): Volume[] =>
      this.volumes.filter(({ description: { projectId, name } }) => passes(filter, projectId, name));
    return {
      findVolumes: (nameOrId, filter = {}) =>
        Promise.resolve(
          find({ ...filter, name: undefined }).filter(({ description: { id, name } }) =>
            [id, name].includes(nameOrId),
          ),
        ),
      listVolumes: (filter = {}) => iterate(find(filter)),
      listVolumesPage: ({ limit, marker, ...filter }) => {
        const known = this.volumes.some(({ description }) => description.id === marker);
        if (marker !== undefined && !known) return Promise.reject(markerUnknown(marker));
        const all = find(filter);
        const from = all.findIndex(({ description }) => description.id === marker) + 1;
        const volumes = all.slice(from, from + limit);
        const hasNext = from + limit < all.length;
        return Promise.resolve({
          volumes,
          nextMarker: hasNext ? volumes.at(-1)?.description.id : undefined,
        });
      },
    };
  }

  /** One pool with one image; other names fail as they do before rbd is run, or as rbd says it. */
  #rbd(): Rbd {
    const inCluster = <T>(cluster: string, value: T): Promise<T> =>
      cluster === 'ceph'
        ? Promise.resolve(value)
        : Promise.reject(new AppError('INPUT_UNKNOWN_CLUSTER', `no Ceph cluster "${cluster}" is configured`));
    const checkPool = async (cluster: string, pool: string): Promise<void> => {
      if (poolSpec(await inCluster(cluster, pool)) !== 'volumes')
        throw new AppError('NOTFOUND_POOL', `there is no pool ${pool}`);
    };
    const rbd: Partial<Rbd> = {
      clusterNames: () => ['ceph'],
      listPools: (cluster) => inCluster(cluster, [{ pool: 'volumes', usedBytes: 1, availableBytes: 2 }]),
      checkPool,
      listImages: async (cluster, pool) => {
        poolSpec(await inCluster(cluster, pool));
        return pool === 'volumes' ? ['a-image'] : [];
      },
      findImage: async (at) => {
        imageSpec(await inCluster(at.cluster, at));
        const { image } = at;
        return image === 'a-image' ? ({ imageId: '1f', sizeBytes: 2 ** 20 } as never) : undefined;
      },
      listSnapshots: () => Promise.resolve([]),
      listWatchers: () => Promise.resolve([]),
    };
    return rbd as Rbd;
  }
}

function passes(filter: ServerFilter, projectId: string, name: string): boolean {
  return (
    [undefined, projectId].includes(filter.projectId) &&
    [undefined, name].includes(filter.name) &&
    name.toLowerCase().includes(filter.search?.toLowerCase() ?? '')
  );
}

function markerUnknown(marker: string): AppError {
  return new AppError('INPUT_MARKER_UNKNOWN', `There is no entry ${marker} to list after: drop the marker.`);
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  await Promise.resolve();
  yield* items;
}

function aVolume(name: string, projectId: string, instanceId?: string): Volume {
  const id = uuidOf(`volume ${name}`);
  return {
    description: {
      id,
      name,
      projectId,
      sizeGib: 1,
      host: 'secret-host@ceph#ceph',
      bootable: false,
      encrypted: false,
      multiattach: false,
      metadata: {},
      imageMetadata: {},
    },
    status: 'available',
    nameId: undefined,
    imageName: `volume-${id}`,
    migrationStatus: undefined,
    attachments:
      instanceId === undefined
        ? []
        : [{ serverId: instanceId, attachmentId: 'a', device: '/dev/vda', host: 'secret-host' }],
    snapshotId: undefined,
    sourceVolumeId: undefined,
    createdAt: fixedTime,
  };
}
