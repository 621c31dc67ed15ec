/** Every link of every page to a file, a folder or a heading of this repository leads there. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, test } from 'node:test';
import { readMarkdown, type MarkdownPage } from '../support/reference/markdown-links.ts';

const aside = /(^|\/)(node_modules|dist|[.]git|[.]devcloud|[.]emberkeep)\//;

const pages = new Map<string, MarkdownPage>(
  globSync(['*.md', '{docs,deploy,charts,src,test,changes,.github}/**/*.md'])
    .filter((path) => !aside.test(path))
    .map((path) => [path, readMarkdown(readFileSync(path, 'utf8'))]),
);

/** undefined when it leads somewhere. */
function problemOf(page: string, link: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#').map(decodeURIComponent);
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (path.startsWith('/') || target.startsWith('..')) return `${link} leads out of the repository`;
  if (!existsSync(target)) return `${link}: there is no ${target}`;
  if (anchor === undefined || anchor === '') return undefined;
  const there = pages.get(relative('.', target));
  if (there === undefined) return `${link}: ${target} is no page of ours and has no headings`;
  return there.anchors.has(anchor) ? undefined : `${link}: ${target} has no heading #${anchor}`;
}

describe('links', () => {
  test('lead to files and headings that there are', () => {
    assert.ok(pages.size > 60);
    const problems = [...pages].flatMap(([page, { links }]) =>
      links
        .map((link) => problemOf(page, link))
        .flatMap((text) => (text === undefined ? [] : [`${page}: ${text}`])),
    );
    assert.deepEqual(problems, [], problems.join('\n'));
  });

  test('lead from the map of the documents to every page of them', () => {
    const map = 'docs/README.md';
    const linked = new Set(
      pages.get(map)!.links.map((link) => normalize(join(dirname(map), link.split('#')[0]!))),
    );
    // Decisions have a list of their own.
    const expected = [...pages.keys()].filter((page) => /^docs\/(?!adr\/\d|README)/.test(page));
    assert.deepEqual(
      expected.filter((page) => !linked.has(page)),
      [],
    );
  });

  test('are found in text, in tables and in HTML, and not in code', () => {
    const text =
      '# A `b` *c*\n\n[x](one.md) `[y](no.md)`\n\n| a |\n| - |\n| [z](two.md#q) |\n\n<a href="three.md">t</a>\n\n```\n[w](no.md)\n```\n\n## Twice\n\n## Twice\n';
    const { links, anchors } = readMarkdown(text);
    assert.deepEqual(links, ['one.md', 'two.md#q', 'three.md']);
    assert.deepEqual([...anchors], ['a-b-c', 'twice', 'twice-1']);
  });
});
