/** Links and headings of a page, as GitHub renders them. */
import GithubSlugger from 'github-slugger';
import { lexer, walkTokens, type Token, type Tokens } from 'marked';

export interface MarkdownPage {
  /** Targets as they are written, of links and images. */
  links: string[];
  /** What `#...` may name. */
  anchors: ReadonlySet<string>;
}

export function readMarkdown(text: string): MarkdownPage {
  const links: string[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  // Its callback is called for each token at once; only extensions of marked are asynchronous.
  void walkTokens(lexer(text), (token) => {
    if (token.type === 'link' || token.type === 'image') links.push((token as Tokens.Link).href);
    if (token.type === 'heading') anchors.add(slugger.slug(plainText((token as Tokens.Heading).tokens)));
    if (token.type === 'html') {
      for (const [, href = ''] of token.raw.matchAll(/\s(?:href|src)="([^"]*)"/g)) links.push(href);
      for (const [, id = ''] of token.raw.matchAll(/\s(?:id|name)="([^"]*)"/g)) anchors.add(id);
    }
  });
  return { links, anchors };
}

/** A heading without its markup, from which GitHub makes the anchor. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if ('tokens' in token) return plainText(token.tokens ?? []);
      return 'text' in token ? String(token.text) : '';
    })
    .join('');
}
