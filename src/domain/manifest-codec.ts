import { createHash } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { AttachmentDescription, Disk, DiskKey, ImageLocation, VolumeDescription } from './disk.ts';
import type { FlavorDescription, InstanceDescription, PortDescription, PortDetails } from './instance.ts';
import {
  FieldError,
  base64,
  count,
  flag,
  id,
  instant,
  integer,
  listOf,
  nullable,
  oneOf,
  optional,
  plainObject,
  sha256Hex,
  shape,
  text,
  textMap,
} from './manifest-fields.ts';
import type { Field } from './manifest-fields.ts';
import { consistencies, formatVersion } from './manifest.ts';
import type {
  LinkEncryption,
  LinkManifest,
  PointDisk,
  PointManifest,
  SnapshotIdentity,
  SourceImage,
  WrappedDataKey,
} from './manifest.ts';

type DataKey = LinkEncryption['dataKeys'][number];

const noHash = '0'.repeat(64);
const hashMember = /^ {2}"manifestSha256": "([0-9a-f]{64})"\n\}\n$/m;

const snapshot: Field<SnapshotIdentity> = shape<SnapshotIdentity>({ name: text, id: count });

const source: Field<SourceImage> = shape<SourceImage>({
  clusterId: text,
  cluster: text,
  pool: text,
  image: text,
  imageId: text,
  sizeBytes: count,
  objectSizeBytes: count,
  features: listOf(text),
});

/** A way of storing bytes; one that this version does not know is no damage, it came later. */
function known<const T extends string>(name: T): Field<T> {
  return (value, path) => {
    if (value === name) return name;
    throw new AppError(
      'STORE_NEWER_FORMAT',
      `${path} is ${JSON.stringify(value)}, which this Emberkeep cannot read. Use a newer Emberkeep.`,
    );
  };
}

const wrappedDataKey: Field<WrappedDataKey> = shape<WrappedDataKey>({
  masterKeyId: text,
  nonce: base64(12),
  wrappedKey: base64(48),
});

const linkEncryption: Field<LinkEncryption> = shape<LinkEncryption>({
  cipher: known('aes-256-gcm'),
  dataKeys: listOf(shape<DataKey>({ number: count, wrapped: listOf(wrappedDataKey) })),
});

const encryption: Field<'none' | LinkEncryption> = (value, path) => {
  if (typeof value !== 'object' || value === null) return known('none')(value, path);
  const found = linkEncryption(value, path);
  const numbers = new Set(found.dataKeys.map(({ number }) => number));
  if (!numbers.has(1) || numbers.has(0) || numbers.size < found.dataKeys.length)
    throw new FieldError(`${path}.dataKeys does not number its keys from 1`);
  if (found.dataKeys.some(({ wrapped }) => wrapped.length === 0))
    throw new FieldError(`${path}.dataKeys has a key that nothing can open`);
  return found;
};

const link: Field<LinkManifest> = shape<LinkManifest>({
  format: oneOf('emberkeep-link'),
  version: oneOf(formatVersion),
  linkId: id,
  pointId: id,
  diskKey: text,
  kind: oneOf('full', 'increment'),
  chainId: id,
  parentLinkId: nullable(id),
  depth: count,
  fullReason: nullable(text),
  createdAt: instant,
  source,
  fromSnapshot: nullable(snapshot),
  toSnapshot: snapshot,
  codec: shape<LinkManifest['codec']>({ compression: known('zstd'), encryption }),
  segments: shape<LinkManifest['segments']>({
    count,
    maxPlainBytes: count,
    plainBytes: count,
    storedBytes: count,
  }),
  index: shape<LinkManifest['index']>({ key: text, storedBytes: count, sha256: sha256Hex, extents: count }),
  content: shape<LinkManifest['content']>({ dataBytes: count, zeroBytes: count }),
});

const diskKey: Field<DiskKey> = (value, path) => {
  const found = text(value, path);
  if (/^(volume|nova|image):./.test(found)) return found as DiskKey;
  throw new FieldError(`${path} is not the key of a disk`);
};

const disk: Field<Disk> = shape<Disk>({
  key: diskKey,
  kind: oneOf('volume', 'nova-disk', 'image'),
  location: shape<ImageLocation>({ cluster: text, pool: text, image: text }),
  volume: optional(
    shape<VolumeDescription>({
      id: text,
      name: text,
      description: optional(text),
      projectId: text,
      sizeGib: count,
      volumeType: optional(text),
      host: optional(text),
      availabilityZone: optional(text),
      bootable: flag,
      encrypted: flag,
      encryptionKeyId: optional(text),
      multiattach: flag,
      metadata: textMap,
      imageMetadata: textMap,
    }),
  ),
  attachment: optional(
    shape<AttachmentDescription>({
      instanceId: text,
      device: optional(text),
      tag: optional(text),
      deleteOnTermination: flag,
      isRoot: flag,
      bootIndex: optional(integer),
    }),
  ),
});

const portDetails: Field<PortDetails> = shape<PortDetails>({
  securityGroups: listOf(shape<PortDetails['securityGroups'][number]>({ id: text, name: text })),
  portSecurity: flag,
  vnicType: text,
  allowedAddressPairs: listOf(
    shape<PortDetails['allowedAddressPairs'][number]>({ ipAddress: text, macAddress: optional(text) }),
  ),
});

const instance: Field<InstanceDescription> = shape<InstanceDescription>({
  id: text,
  name: text,
  description: optional(text),
  projectId: text,
  userId: optional(text),
  status: text,
  host: optional(text),
  availabilityZone: optional(text),
  keyName: optional(text),
  userData: optional(text),
  configDrive: optional(flag),
  imageId: optional(text),
  imageProperties: optional(textMap),
  flavor: shape<FlavorDescription>({
    originalName: text,
    vcpus: count,
    ramMib: count,
    diskGib: count,
    ephemeralGib: count,
    swapMib: count,
    extraSpecs: textMap,
  }),
  metadata: textMap,
  tags: listOf(text),
  securityGroups: listOf(text),
  serverGroups: listOf(text),
  ports: listOf(
    shape<PortDescription>({
      portId: text,
      networkId: text,
      macAddress: text,
      fixedIps: listOf(shape<{ subnetId: string; ipAddress: string }>({ subnetId: text, ipAddress: text })),
      details: optional(portDetails),
    }),
  ),
});

const point: Field<PointManifest> = shape<PointManifest>({
  format: oneOf('emberkeep-point'),
  version: oneOf(formatVersion),
  pointId: id,
  storeId: id,
  kind: oneOf('instance', 'volume', 'image'),
  sourceId: text,
  sourceName: text,
  projectId: nullable(text),
  takenAt: instant,
  spreadMs: count,
  consistency: oneOf(...consistencies),
  pausedMs: optional(count),
  instance: optional(instance),
  disks: listOf(shape<PointDisk>({ disk, linkId: id, sizeBytes: count })),
});

/** What a store's root object says of it. */
export interface StoreMarker {
  format: 'emberkeep-store';
  version: 1;
  storeId: string;
  createdAt: string;
}

const marker: Field<StoreMarker> = shape<StoreMarker>({
  format: oneOf('emberkeep-store'),
  version: oneOf(formatVersion),
  storeId: id,
  createdAt: instant,
});

/**
 * A manifest as stored: indented JSON whose last member, `manifestSha256`, is the SHA-256 of the whole file with that
 * value written as 64 zeros; a bit that flips in a manifest is found even when the JSON stays valid (I8).
 */
export function encodeManifest(manifest: LinkManifest | PointManifest | StoreMarker): Buffer {
  const blank = `${JSON.stringify({ ...manifest, manifestSha256: noHash }, undefined, 2)}\n`;
  const hash = createHash('sha256').update(blank).digest('hex');
  return Buffer.from(blank.replace(hashMember, `  "manifestSha256": "${hash}"\n}\n`));
}

/**
 * Throws INTEGRITY_MANIFEST_DAMAGED when the bytes are not what was written, INTEGRITY_MANIFEST_MALFORMED when they
 * were never a manifest of this kind, STORE_NEWER_FORMAT when a newer Emberkeep wrote them. `name` is for the message.
 */
export function decodeLinkManifest(bytes: Buffer, name: string): LinkManifest {
  const manifest = decode(bytes, name, 'emberkeep-link', link);
  const isFull = manifest.kind === 'full';
  if (
    isFull !== (manifest.parentLinkId === null) ||
    isFull !== (manifest.fromSnapshot === null) ||
    isFull !== (manifest.depth === 0) ||
    // A folded full keeps the id of its chain, which is not its own.
    (!isFull && manifest.chainId === manifest.linkId)
  ) {
    throw malformed(name, 'its kind, parent, depth and from-snapshot contradict each other');
  }
  return manifest;
}

/** Throws as decodeLinkManifest does. */
export function decodePointManifest(bytes: Buffer, name: string): PointManifest {
  const manifest = decode(bytes, name, 'emberkeep-point', point);
  if (manifest.disks.length === 0) throw malformed(name, 'it names no disk');
  if ((manifest.kind === 'instance') !== (manifest.instance !== undefined)) {
    throw malformed(name, 'its kind and its description of an instance contradict each other');
  }
  return manifest;
}

/** Throws as decodeLinkManifest does. */
export function decodeStoreMarker(bytes: Buffer, name: string): StoreMarker {
  return decode(bytes, name, 'emberkeep-store', marker);
}

function decode<T>(bytes: Buffer, name: string, format: string, field: Field<T>): T {
  const json = bytes.toString('utf8');
  const document = parse(json, name);
  if (document['format'] !== format) throw malformed(name, `it is not a document of the format ${format}`);
  const version = document['version'];
  if (typeof version === 'number' && version > formatVersion) {
    throw new AppError(
      'STORE_NEWER_FORMAT',
      `${name} has format version ${version}; this Emberkeep reads up to ${formatVersion}. Use a newer Emberkeep.`,
      { details: { version } },
    );
  }
  verifyHash(json, name);
  try {
    return field(document, 'manifest');
  } catch (error) {
    if (error instanceof FieldError) throw malformed(name, error.message, error);
    throw error;
  }
}

function parse(json: string, name: string): Record<string, unknown> {
  try {
    return plainObject(JSON.parse(json), 'manifest');
  } catch (error) {
    throw malformed(name, 'it is not a JSON object', error);
  }
}

function verifyHash(json: string, name: string): void {
  const stated = hashMember.exec(json)?.[1];
  const blank = json.replace(hashMember, `  "manifestSha256": "${noHash}"\n}\n`);
  if (stated === createHash('sha256').update(blank).digest('hex')) return;
  throw new AppError(
    'INTEGRITY_MANIFEST_DAMAGED',
    `${name} is damaged: its checksum does not match. Restore it from a copy of the store, or take a new full backup.`,
  );
}

function malformed(name: string, what: string, cause?: unknown): AppError {
  const options = cause === undefined ? {} : { cause };
  return new AppError('INTEGRITY_MANIFEST_MALFORMED', `${name} is not a valid manifest: ${what}.`, options);
}
