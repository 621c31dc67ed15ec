import type { LinkManifest } from '../../src/domain/manifest.ts';
import type { ExpireDeps } from '../../src/workflows/expire/deps.ts';
import { samplePoint } from '../contract/store-samples.ts';

/** What folding asks of the catalog, for one disk, in memory: its transactions are whole by nature. */
export class MemoryCatalog {
  readonly #links = new Map<string, LinkManifest>();
  readonly #deleted = new Set<string>();
  readonly #storeId: string;

  constructor(storeId: string) {
    this.#storeId = storeId;
  }

  add(link: LinkManifest): void {
    this.#links.set(link.linkId, link);
  }

  deletePoint(pointId: string): void {
    this.#deleted.add(pointId);
  }

  drop(linkId: string): void {
    this.#links.delete(linkId);
  }

  links(): (LinkManifest & { isNeeded: boolean })[] {
    return [...this.#links.values()].map((link) => ({ ...link, isNeeded: !this.#deleted.has(link.pointId) }));
  }

  asPort(): ExpireDeps['catalog'] {
    const row = (link: LinkManifest | undefined): object | undefined =>
      link && {
        id: link.linkId,
        pointId: link.pointId,
        parentLinkId: link.parentLinkId ?? undefined,
        pointState: this.#deleted.has(link.pointId) ? 'deleted' : 'complete',
      };
    const rows = (links: LinkManifest[]): object[] => links.flatMap((link) => row(link) ?? []);
    const all = (): LinkManifest[] => [...this.#links.values()];
    const port = {
      links: { get: async (id: string) => await Promise.resolve(row(this.#links.get(id))) },
      points: {
        get: async (pointId: string) =>
          await Promise.resolve({
            state: this.#deleted.has(pointId) ? 'deleted' : 'complete',
            manifest: { ...samplePoint(this.#storeId, ''), pointId },
          }),
      },
      expiry: {
        linksOf: async () => await Promise.resolve(rows(all())),
        childrenOf: async (id: string) =>
          await Promise.resolve(rows(all().filter(({ parentLinkId }) => parentLinkId === id))),
        foldLinks: async ({ linkIds, link }: { linkIds: string[]; link: LinkManifest }) => {
          const folded = linkIds.at(-1);
          for (const child of all())
            if (child.parentLinkId === folded)
              this.#links.set(child.linkId, { ...child, parentLinkId: link.linkId });
          for (const linkId of linkIds) this.#links.delete(linkId);
          this.#links.set(link.linkId, link);
          await Promise.resolve();
        },
      },
    };
    return port as unknown as ExpireDeps['catalog'];
  }
}
