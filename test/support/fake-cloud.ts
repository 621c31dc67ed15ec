import { createHash } from 'node:crypto';
import { AppError } from '../../src/base/errors.ts';
import { newId } from '../../src/base/ids.ts';
import { rightsOf, usualRules, type Caller } from '../../src/domain/access.ts';
import type { Disk } from '../../src/domain/disk.ts';
import type { InstanceDetail, PointDetail } from '../../src/workflows/operations.ts';

/** A small made-up cloud: projects `demo` and `other`, tokens that name their user. */
export const fixedTime = new Date('2026-11-22T10:00:00.000Z');

const GiB = 2 ** 30;

export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

export function projectOf(name: string): string {
  return uuidOf(`project ${name}`);
}

export function volumeNamed(name: string): { id: string; name: string; projectId: string } {
  return { id: uuidOf(`volume ${name}`), name, projectId: projectOf('demo') };
}

export function callerWith(overrides: Partial<Caller> = {}): Caller {
  return {
    userId: 'u1',
    userName: 'alice',
    projectId: projectOf('demo'),
    projectName: 'demo',
    roles: ['member'],
    ...rightsOf({ roles: overrides.roles ?? ['member'], isSystem: false }, usualRules),
    requestId: 'req-0',
    address: '127.0.0.1',
    ...overrides,
  };
}

/** Tokens `member`, `reader`, `admin` and `stranger` (a member of another project). */
export function fakeAuthenticate(token: string, requestId: string, address: string): Promise<Caller> {
  const callers: Record<string, Partial<Caller>> = {
    member: {},
    reader: { roles: ['reader'] },
    admin: { roles: ['admin'], isAdmin: true },
    stranger: { projectId: projectOf('other'), projectName: 'other' },
  };
  const caller = callers[token];
  if (caller === undefined) {
    return Promise.reject(new AppError('AUTH_TOKEN', 'the token is not valid or has expired; get a new one'));
  }
  return Promise.resolve(callerWith({ ...caller, requestId, address }));
}

function aDisk(name: string, projectId: string): Disk & { sizeBytes: number } {
  const id = uuidOf(`volume ${name}`);
  return {
    key: `volume:${id}`,
    kind: 'volume',
    location: { cluster: 'ceph', pool: 'volumes', image: `volume-${id}` },
    sizeBytes: 4 * GiB,
    volume: {
      id,
      name,
      projectId,
      sizeGib: 4,
      host: 'secret-host@ceph#ceph',
      volumeType: 'ceph',
      bootable: true,
      encrypted: false,
      multiattach: false,
      metadata: { camelCase: 'kept', 'with space': 'kept' },
      imageMetadata: {},
    },
    attachment: {
      instanceId: uuidOf(`instance ${name}`),
      device: '/dev/vda',
      deleteOnTermination: false,
      isRoot: true,
    },
  };
}

const unprotected: InstanceDetail['protection'] = {
  state: 'unprotected',
  reason: 'no policy protects it, and it has no recovery point',
  code: 'no-policy',
  params: {},
  policy: undefined,
  nextRunAt: undefined,
  staleAt: undefined,
};

export function anInstance(name: string, projectId = projectOf('demo')): InstanceDetail {
  return {
    instance: {
      id: uuidOf(`instance ${name}`),
      name,
      projectId,
      status: 'ACTIVE',
      host: 'secret-host',
      userData: 'cGFzc3dvcmQ=',
      flavor: {
        originalName: 'm1.small',
        vcpus: 1,
        ramMib: 2048,
        diskGib: 0,
        ephemeralGib: 0,
        swapMib: 0,
        extraSpecs: { 'hw:cpu_policy': 'shared' },
      },
      metadata: { someKey: 'someValue' },
      tags: ['web'],
      securityGroups: ['default'],
      serverGroups: [],
      ports: [{ portId: 'p', networkId: 'n', macAddress: 'fa:16:3e:00:00:01', fixedIps: [] }],
    },
    disks: [aDisk(name, projectId)],
    points: [],
    lastPoint: undefined,
    protection: unprotected,
  };
}

export function aPoint(sourceName: string, takenAt: Date, projectId: string): PointDetail {
  const { instance, disks } = anInstance(sourceName, projectId);
  const [disk] = disks;
  const id = newId();
  const linkId = newId();
  return {
    id,
    kind: 'instance',
    sourceId: instance.id,
    sourceName,
    projectId,
    takenAt,
    state: 'complete',
    type: 'full',
    consistency: 'crash',
    disks: 1,
    sizeBytes: 4 * GiB,
    storedBytes: 123_456_789,
    store: 'default',
    manifest: {
      format: 'emberkeep-point',
      version: 1,
      pointId: id,
      storeId: 'main',
      kind: 'instance',
      sourceId: instance.id,
      sourceName,
      projectId,
      takenAt: takenAt.toISOString(),
      spreadMs: 12,
      consistency: 'crash',
      instance,
      disks: disk === undefined ? [] : [{ disk, linkId, sizeBytes: 4 * GiB }],
    },
    links: [
      {
        linkId,
        diskKey: disk?.key ?? '',
        kind: 'full',
        chainId: linkId,
        parentLinkId: null,
        depth: 0,
        image: `volumes/${disk?.location.image ?? ''}`,
        snapshot: 'backup.x',
        sizeBytes: 4 * GiB,
        storedBytes: 123_456_789,
        dataBytes: 200_000_000,
        store: 'default',
      },
    ],
  };
}
