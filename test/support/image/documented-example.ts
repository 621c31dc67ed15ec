import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

const page = resolve(import.meta.dirname, '../../../docs/install/image.md');

/**
 * `emberkeep.yaml` of docs/install/image.md: what an operator copies is what is tested.
 * @param replacements piece to what stands in its place; throws when the page has a piece no more.
 */
export async function documentedExample(replacements: Readonly<Record<string, string>>): Promise<string> {
  let [, text = ''] = /```yaml\n(# emberkeep\.yaml\n[\s\S]*?)```/.exec(await readFile(page, 'utf8')) ?? [];
  for (const [piece, other] of Object.entries(replacements)) {
    if (!text.includes(piece)) throw new Error(`the example in ${page} does not have '${piece}'`);
    text = text.replace(piece, other);
  }
  return text;
}
