/**
 * Deletion without folding: a chain goes only as a whole. Pure. A point of several disks goes only when the chains of
 * all of them do, so what one chain must keep may hold another one too.
 */
export interface ChainMember {
  pointId: string;
  chainId: string;
}

/**
 * Of the points that may go, those that can: no link of any chain of theirs is needed by a point that stays.
 *
 * @param members one for each link of each disk; also of points that are not to go.
 */
export function pointsOfWholeChains(
  members: readonly ChainMember[],
  mayGo: ReadonlySet<string>,
): Set<string> {
  const going = new Set(mayGo);
  for (let before = -1; before !== going.size;) {
    before = going.size;
    const needed = new Set(
      members.filter(({ pointId }) => !going.has(pointId)).map(({ chainId }) => chainId),
    );
    for (const { pointId, chainId } of members) {
      if (needed.has(chainId)) going.delete(pointId);
    }
  }
  return going;
}
