import { AppError } from '../../base/errors.ts';
import type { LinkManifest } from '../../domain/manifest.ts';
import type { OfflineDeps } from './deps.ts';

/** `incomplete`: something is not there; `damaged`: it is there and not what was written. */
export interface Fault {
  state: 'incomplete' | 'damaged';
  linkId: string;
  reason: string;
}

/** What is worth remembering of a link while a whole store is looked at (I11). */
export interface LinkFacts {
  linkId: string;
  parentLinkId: string | null;
  kind: 'full' | 'increment';
  storedBytes: number;
  /** Master keys any of which opens it; empty when it is not encrypted. */
  masterKeyIds: string[];
}

/** Reads each link's manifest once, however many points need it. */
export class LinkLookup {
  readonly #store: OfflineDeps['store'];
  readonly #known = new Map<string, LinkFacts | Fault>();

  constructor(store: OfflineDeps['store']) {
    this.#store = store;
  }

  /** A chain as far as it can be followed, the full last, and what is wrong with it. Throws STORE_*. */
  async chain(linkId: string): Promise<{ links: LinkFacts[]; fault: Fault | undefined }> {
    const links: LinkFacts[] = [];
    for (let next: string | null = linkId; next !== null;) {
      const found: LinkFacts | Fault = await this.#find(next);
      if ('reason' in found) return { links, fault: found };
      if (links.some((link) => link.linkId === found.linkId))
        return { links, fault: loopFault(found.linkId) };
      links.push(found);
      next = found.parentLinkId;
    }
    return { links, fault: undefined };
  }

  async #find(linkId: string): Promise<LinkFacts | Fault> {
    const known = this.#known.get(linkId);
    if (known !== undefined) return known;
    const found = await factsOf(this.#store, linkId);
    this.#known.set(linkId, found);
    return found;
  }
}

async function factsOf(store: OfflineDeps['store'], linkId: string): Promise<LinkFacts | Fault> {
  try {
    const manifest = await store.readLinkManifest(linkId);
    if (manifest === undefined) return { state: 'incomplete', linkId, reason: `link ${linkId} is missing` };
    const { parentLinkId, kind, codec, segments, index } = manifest;
    const { encryption } = codec;
    const wrapped = encryption === 'none' ? [] : encryption.dataKeys.flatMap((key) => key.wrapped);
    return {
      linkId,
      parentLinkId,
      kind,
      storedBytes: segments.storedBytes + index.storedBytes,
      masterKeyIds: [...new Set(wrapped.map(({ masterKeyId }) => masterKeyId))],
    };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('INTEGRITY_')) throw error;
    return { state: 'damaged', linkId, reason: error.message };
  }
}

/** The manifests from the full on. Throws INTEGRITY_*, with details.linkId where one link is to blame. */
export async function readChain(store: OfflineDeps['store'], linkId: string): Promise<LinkManifest[]> {
  const chain: LinkManifest[] = [];
  for (let next: string | null = linkId; next !== null;) {
    const manifest: LinkManifest | undefined = await store.readLinkManifest(next);
    if (manifest === undefined) {
      throw new AppError('INTEGRITY_LINK_MISSING', `Link ${next} is not in ${store.description}.`, {
        details: { linkId: next },
      });
    }
    if (chain.some((link) => link.linkId === manifest.linkId))
      throw new AppError('INTEGRITY_CHAIN', loopFault(next).reason, { details: { linkId: next } });
    chain.unshift(manifest);
    next = manifest.parentLinkId;
  }
  return chain;
}

function loopFault(linkId: string): Fault {
  return { state: 'damaged', linkId, reason: `link ${linkId} stands on itself` };
}
