import type { Response } from 'express';

/** A page for what is told before, or without, the portal's own pages. */
export function sendPlainPage(
  response: Response,
  status: number,
  { title, text, link }: { title: string; text: string; link?: { href: string; label: string } },
): void {
  const more = link === undefined ? '' : `<p><a href="${escaped(link.href)}">${escaped(link.label)}</a></p>`;
  response
    .status(status)
    .type('html')
    .setHeader('Cache-Control', 'no-store')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>${escaped(title)} - Emberkeep</title><h1>${escaped(title)}</h1><p>${escaped(text)}</p>${more}</html>\n`,
    );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
