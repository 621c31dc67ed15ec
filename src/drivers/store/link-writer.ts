import { orAbort } from '../../base/abort-watch.ts';
import { AppError } from '../../base/errors.ts';
import { throwIfCancelled } from '../../base/retry.ts';
import { encodeManifest } from '../../domain/manifest-codec.ts';
import type { LinkManifest, SourceImage } from '../../domain/manifest.ts';
import { DiffParser } from '../../domain/rbd-diff/diff-parser.ts';
import { ZeroElimination } from '../../domain/rbd-diff/zeros.ts';
import { CheckedHeaders } from './checked-headers.ts';
import { discardLink } from './discard-link.ts';
import { linkFolder, linkManifestKey } from './keys.ts';
import { LinkAssembly, makeLinkManifest, type LinkProgress } from './link-assembly.ts';
import type { MasterKey } from './master-key.ts';
import type { ObjectStore } from './object-store.ts';
import { piecesOf } from './source-stream.ts';

const maxPieceBytes = 1024 * 1024;

/** What is known of a link before its stream is read. */
export type LinkHeader = Omit<
  LinkManifest,
  'format' | 'version' | 'source' | 'codec' | 'segments' | 'index' | 'content'
> & {
  /** With sizeBytes the stream must agree; without, it is learned from the stream. */
  source: Omit<SourceImage, 'sizeBytes'> & { sizeBytes?: number };
};

export interface WriteLinkRequest {
  header: LinkHeader;
  /** A raw `rbd export-diff` stream. */
  stream: AsyncIterable<Buffer>;
  /** Resolves when the exporter exited with 0 and everything said of the stream still holds; rejects otherwise (I2). */
  exported: Promise<void>;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LinkProgress) => void) | undefined;
}

/** Reads the request's stream into a new link, encrypted if there is a master key; see BackupStore.writeLink. */
export async function writeLink(
  store: ObjectStore,
  segmentBytes: number,
  request: WriteLinkRequest,
  masterKey?: MasterKey,
): Promise<LinkManifest> {
  const { signal } = request;
  const { linkId } = request.header;
  // Its rejection is looked at when the stream has ended; until then it must not count as unhandled.
  request.exported.catch(() => undefined);
  throwIfCancelled(signal);
  if ((await store.stat(linkManifestKey(linkId), { signal })) !== undefined) {
    throw new AppError('CONFLICT_LINK_EXISTS', `Link ${linkId} is already in ${store.description}.`);
  }
  await store.removeFolder(linkFolder(linkId), { signal });
  const write = new LinkWrite(store, segmentBytes, request, masterKey);
  try {
    return await write.run();
  } catch (error) {
    await write.abandon(error);
    await discardLink(store, linkId, signal).catch(() => undefined);
    throw error;
  }
}

class LinkWrite {
  readonly #store: ObjectStore;
  readonly #request: WriteLinkRequest;
  readonly #pieceBytes: number;
  readonly #assembly: LinkAssembly;
  readonly #headers: CheckedHeaders;
  readonly #parser: DiffParser;

  constructor(
    store: ObjectStore,
    segmentBytes: number,
    request: WriteLinkRequest,
    masterKey: MasterKey | undefined,
  ) {
    const { header, signal, onProgress } = request;
    this.#store = store;
    this.#request = request;
    this.#pieceBytes = Math.min(maxPieceBytes, segmentBytes);
    this.#assembly = new LinkAssembly({ store, link: header, segmentBytes, masterKey, signal, onProgress });
    this.#headers = new CheckedHeaders(new ZeroElimination(this.#assembly.packer), {
      fromSnapshot: header.fromSnapshot?.name,
      toSnapshot: header.toSnapshot.name,
      sizeBytes: header.source.sizeBytes,
    });
    this.#parser = new DiffParser(this.#headers);
  }

  async run(): Promise<LinkManifest> {
    const { exported, signal, header } = this.#request;
    await this.#readStream();
    await orAbort(exported, signal); // I2: the exporter's own word comes before anything is named.
    const parts = await this.#assembly.finish();
    throwIfCancelled(signal);
    const source = { ...header.source, sizeBytes: this.#headers.sizeBytes };
    const manifest = makeLinkManifest({ ...header, source }, parts);
    // I1: segments and index are durable, only now the manifest names them. Not to be cancelled: whether there is a link
    // would not be known.
    await this.#store.put(linkManifestKey(header.linkId), encodeManifest(manifest));
    return manifest;
  }

  async abandon(error: unknown): Promise<void> {
    await this.#assembly.abandon(error);
  }

  async #readStream(): Promise<void> {
    const { stream, exported, signal } = this.#request;
    let inSource = true;
    try {
      for await (const piece of piecesOf(stream, this.#pieceBytes, signal)) {
        inSource = false;
        this.#parser.push(piece);
        await this.#assembly.store();
        inSource = true;
      }
      this.#parser.finish();
    } catch (error) {
      // A stream that breaks or stops early does so because the exporter failed: its error says why.
      if (inSource) await orAbort(exported, signal);
      throw error;
    }
  }
}
