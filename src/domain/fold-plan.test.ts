import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { estimateFolds, planFolds, type ChainLink, type FoldPlan } from './fold-plan.ts';

/** A link and what it writes: blocks of the disk to values. */
interface WrittenLink extends ChainLink {
  writes: Record<string, number>;
}

const writes = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 9 }));

/** Chains that may branch: each link but a full stands on an earlier one, mostly the one before. */
const forest: fc.Arbitrary<WrittenLink[]> = fc
  .array(
    fc.record({
      back: fc.constantFrom(1, 1, 1, 1, 1, 2, 3),
      full: fc.constantFrom(false, false, false, false, true),
      needed: fc.boolean(),
      damaged: fc.constantFrom(false, false, false, false, true),
      storedBytes: fc.nat(1000),
      writes,
    }),
    { maxLength: 16 },
  )
  .map((shapes) => {
    const links: WrittenLink[] = [];
    for (const [index, { back, full, ...shape }] of shapes.entries()) {
      const parent = full ? undefined : links[index - back];
      links.push({
        ...shape,
        linkId: `l${index}`,
        parentLinkId: parent?.linkId ?? null,
        depth: parent === undefined ? 0 : parent.depth + 1,
      });
    }
    return links;
  });

/** What a restore of the link would bring back. */
function restored(links: readonly WrittenLink[], linkId: string): Record<string, number> {
  const link = links.find((each) => each.linkId === linkId);
  assert.ok(link, `${linkId} is there`);
  const below = link.parentLinkId === null ? {} : restored(links, link.parentLinkId);
  return { ...below, ...link.writes };
}

/** The store after the plan was carried out; a folded link keeps the name of the one that it was folded into. */
function carryOut(links: readonly WrittenLink[], plan: FoldPlan): WrittenLink[] {
  let now = links.filter(({ linkId }) => !plan.drops.includes(linkId));
  for (const run of plan.folds) {
    const members = run.map((id) => now.find(({ linkId }) => linkId === id));
    const [first, last] = [members[0], members.at(-1)];
    assert.ok(first && last);
    const merged = {
      ...last,
      parentLinkId: first.parentLinkId,
      depth: first.parentLinkId === null ? 0 : last.depth,
    };
    merged.writes = Object.assign({}, ...members.map((member) => member?.writes)) as Record<string, number>;
    now = now.filter(({ linkId }) => !run.includes(linkId));
    now.push(merged);
  }
  return now;
}

const fold = { fold: true };

test('every needed link brings back the same, and nothing stands on what is gone', () => {
  fc.assert(
    fc.property(forest, fc.boolean(), (links, folding) => {
      const after = carryOut(links, planFolds(links, { fold: folding }));
      for (const { linkId, needed } of links) {
        if (needed) assert.deepEqual(restored(after, linkId), restored(links, linkId));
      }
      for (const { linkId } of after) restored(after, linkId);
    }),
  );
});

test('each link that is not needed is dropped, folded or said to stay', () => {
  fc.assert(
    fc.property(forest, fc.boolean(), (links, folding) => {
      const { drops, folds, stays } = planFolds(links, { fold: folding });
      const told = [
        ...drops,
        ...folds.flatMap((run) => run.slice(0, -1)),
        ...stays.map(({ linkId }) => linkId),
      ];
      const unneeded = links.filter(({ needed }) => !needed).map(({ linkId }) => linkId);
      assert.deepEqual(told.sort(), unneeded.sort());
    }),
  );
});

test('I8: no damaged link is folded', () => {
  fc.assert(
    fc.property(forest, (links) => {
      const damaged = new Set(links.filter((link) => link.damaged).map(({ linkId }) => linkId));
      assert.ok(
        planFolds(links, fold)
          .folds.flat()
          .every((linkId) => !damaged.has(linkId)),
      );
    }),
  );
});

test('is idempotent: carried out once, nothing is left to do', () => {
  fc.assert(
    fc.property(forest, (links) => {
      const again = planFolds(carryOut(links, planFolds(links, fold)), fold);
      assert.deepEqual({ drops: again.drops, folds: again.folds }, { drops: [], folds: [] });
    }),
  );
});

test('a whole chain without damage and branches keeps exactly the needed links', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (needed) => {
      const links = chain(...needed);
      const after = carryOut(links, planFolds(links, fold));
      assert.deepEqual(
        after.map(({ linkId }) => linkId).sort(),
        links
          .filter((link) => link.needed)
          .map(({ linkId }) => linkId)
          .sort(),
      );
    }),
  );
});

function chain(...needed: boolean[]): WrittenLink[] {
  return needed.map((isNeeded, index) => ({
    linkId: `l${index}`,
    parentLinkId: index === 0 ? null : `l${index - 1}`,
    depth: index,
    needed: isNeeded,
    damaged: false,
    storedBytes: 10 ** index,
    writes: {},
  }));
}

test('runs are folded oldest first, tails dropped from their end', () => {
  const links = chain(false, false, true, false, true, false, false);
  const plan = planFolds(links, fold);
  assert.deepEqual(plan, {
    drops: ['l6', 'l5'],
    folds: [
      ['l0', 'l1', 'l2'],
      ['l3', 'l4'],
    ],
    stays: [],
  });
  assert.deepEqual(estimateFolds(plan, links), {
    freesAtLeastBytes: 1_100_000,
    freesAtMostBytes: 1_101_011,
    needsAtMostBytes: 11_000,
  });
});

test('without folding only what nothing stands on goes', () => {
  const links = chain(false, false, true, false);
  assert.deepEqual(planFolds(links, { fold: false }), {
    drops: ['l3'],
    folds: [],
    stays: [
      { linkId: 'l0', reason: 'later links of its chain are needed' },
      { linkId: 'l1', reason: 'later links of its chain are needed' },
    ],
  });
});

test('what cannot be folded says why', () => {
  const [full, first, second, third] = chain(false, false, false, true) as [
    WrittenLink,
    WrittenLink,
    WrittenLink,
    WrittenLink,
  ];
  const reasons = (...links: WrittenLink[]): string[] =>
    planFolds(links, fold).stays.map(({ reason }) => reason);
  assert.deepEqual(reasons(full, { ...first, damaged: true }, second, third), [
    'the next link cannot be folded',
    'it is damaged',
  ]);
  assert.deepEqual(reasons(first, second, third), ['the link that it stands on is missing']);
  assert.deepEqual(
    reasons(
      full,
      first,
      { ...second, parentLinkId: full.linkId, needed: true },
      { ...third, parentLinkId: first.linkId },
    ),
    ['2 links stand on it'],
  );
  assert.deepEqual(reasons(full, first, second, { ...third, damaged: true }), [
    'the next link cannot be folded',
    'the next link cannot be folded',
    'the next link cannot be folded',
  ]);
});
