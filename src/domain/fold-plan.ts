/**
 * What becomes of the links of one disk when some of its points were deleted: which can be dropped, and which are
 * folded into the next link that a point still needs. Pure; I8: a damaged link that others stand on is never folded,
 * since what was made of it would look whole.
 */
export interface ChainLink {
  linkId: string;
  /** null for a full. */
  parentLinkId: string | null;
  depth: number;
  /** Its point was not deleted. */
  needed: boolean;
  damaged: boolean;
  /** Segments and index, bytes. */
  storedBytes: number;
}

export interface FoldPlan {
  /** Nothing that is needed stands on them; what stands on another comes before it. */
  drops: string[];
  /** Unneeded links in the order of the chain and, last, the needed one that they are folded into; oldest run first. */
  folds: string[][];
  /** Unneeded links that must stay, and why, in words. */
  stays: { linkId: string; reason: string }[];
}

interface Node extends ChainLink {
  parent: Node | undefined;
  /** Links that stand on it and lead to a needed one. */
  standing: Node[];
}

/** The links may be of several chains of the disk; `fold: false` only drops. */
export function planFolds(links: readonly ChainLink[], { fold }: { fold: boolean }): FoldPlan {
  const nodes = toNodes(links);
  const stays = [...nodes.values()].filter((node) => !node.needed && node.standing.length > 0);
  const drops = [...nodes.values()].filter((node) => !node.needed && node.standing.length === 0);
  const folds = fold ? [...nodes.values()].map(runInto).filter((run) => run.length > 1) : [];
  const folded = new Set(folds.flat());
  return {
    drops: drops.toSorted(deepestFirst).map(({ linkId }) => linkId),
    folds: folds
      .toSorted((one, other) => depthOf(one) - depthOf(other))
      .map((run) => run.map(({ linkId }) => linkId)),
    stays: stays
      .filter((node) => !folded.has(node))
      .map((node) => ({
        linkId: node.linkId,
        reason: fold ? whyNot(node) : 'later links of its chain are needed',
      })),
  };
}

function toNodes(links: readonly ChainLink[]): Map<string, Node> {
  const nodes = new Map<string, Node>(
    links.map((link) => [link.linkId, { ...link, parent: undefined, standing: [] }]),
  );
  for (const node of nodes.values()) node.parent = nodes.get(node.parentLinkId ?? '');
  for (const node of [...nodes.values()].toSorted(deepestFirst)) {
    if (node.needed || node.standing.length > 0) node.parent?.standing.push(node);
  }
  return nodes;
}

/** The links that can be folded into this one, and itself; only itself when there are none. */
function runInto(node: Node): Node[] {
  if (!node.needed || node.damaged) return [];
  const run = [node];
  for (let below = node.parent; below !== undefined && isFoldable(below); below = below.parent)
    run.unshift(below);
  return run;
}

function isFoldable(node: Node): boolean {
  return !node.needed && !node.damaged && node.standing.length === 1 && !lacksParent(node);
}

function lacksParent({ parent, parentLinkId }: Node): boolean {
  return parentLinkId !== null && parent === undefined;
}

function whyNot(node: Node): string {
  if (node.damaged) return 'it is damaged';
  if (lacksParent(node)) return 'the link that it stands on is missing';
  if (node.standing.length > 1) return `${node.standing.length} links stand on it`;
  return 'the next link cannot be folded';
}

function depthOf(run: readonly Node[]): number {
  return run.at(-1)?.depth ?? 0;
}

function deepestFirst(one: Node, other: Node): number {
  return other.depth - one.depth;
}

/**
 * What a plan frees, bytes. A dropped link is freed whole. A fold makes a link that is at least as large as the one
 * that it goes into and, but for some bytes of the codec, at most as large as all of the run together; which of the
 * older blocks live on is known only to the fold.
 */
export interface FoldEstimate {
  freesAtLeastBytes: number;
  freesAtMostBytes: number;
  /** The largest run is in the store twice while it is folded. */
  needsAtMostBytes: number;
}

export function estimateFolds(plan: FoldPlan, links: readonly ChainLink[]): FoldEstimate {
  const sizes = new Map(links.map(({ linkId, storedBytes }) => [linkId, storedBytes]));
  const sum = (ids: readonly string[]): number => ids.reduce((total, id) => total + (sizes.get(id) ?? 0), 0);
  const dropped = sum(plan.drops);
  return {
    freesAtLeastBytes: dropped,
    freesAtMostBytes: dropped + sum(plan.folds.flatMap((run) => run.slice(0, -1))),
    needsAtMostBytes: Math.max(0, ...plan.folds.map(sum)),
  };
}
