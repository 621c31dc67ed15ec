/**
 * Sentences that the service records or throws in English, known again by their templates: so they have a code and parameters
 * for who puts them in another tongue, also those that are stored from before there were codes.
 */
export interface SaidText<Code extends string> {
  code: Code;
  /** What stands where the template has `{name}`; English where the service says words there. */
  params: Record<string, string>;
}

/** Finds the template that a text is of; undefined for none. Pure; `{name}` stands for one character or more. */
export function recognizer<Code extends string>(
  templates: Readonly<Record<Code, string>>,
): (text: string) => SaidText<Code> | undefined {
  const patterns = (Object.entries(templates) as [Code, string][]).map(([code, template]) => ({
    code,
    pattern: new RegExp(`^${escaped(template).replace(/\\\{(\w+)\\\}/g, '(?<$1>[^]+?)')}$`),
    /** A template that says more goes first: what stands for something may hold the words of another one. */
    fixed: template.replace(/\{\w+\}/g, '').length,
  }));
  patterns.sort((one, other) => other.fixed - one.fixed);
  return (text) => {
    // Nobody's sentence is that long, and a search in it could take long.
    if (text.length > longest) return undefined;
    for (const { code, pattern } of patterns) {
      const found = pattern.exec(text);
      if (found !== null) return { code, params: { ...found.groups } };
    }
    return undefined;
  };
}

const longest = 2000;

function escaped(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
