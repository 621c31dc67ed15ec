/** Debian's Chromium, and what a page must never do: throw, break its policy, complain, or meet a failing service. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/**
 * How long a page may take to show something, ms. What it shows comes from Nova, Cinder and Ceph, and all of them share two
 * cores with it: a plan of a restore was seen to take longer than 30 s while the machine was busy.
 */
const patienceMs = 120_000;

export type Theme = 'light' | 'dark';
export type Width = 'wide' | 'narrow';

const sizes: Record<Width, { width: number; height: number }> = {
  wide: { width: 1440, height: 900 },
  narrow: { width: 360, height: 740 },
};

export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // As root Chromium starts only without its sandbox; it sees nothing but our own pages.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export interface TabOptions {
  locale?: string;
}

/** A browser of its own: cookies of nobody else. */
export async function newContext(
  browser: Browser,
  { locale = 'en-GB' }: TabOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: sizes.wide, locale });
  context.setDefaultTimeout(patienceMs);
  await context.addInitScript({
    content:
      "addEventListener('securitypolicyviolation', (event) => " +
      'console.error(`policy broken: ${event.violatedDirective} by ${event.blockedURI}`));',
  });
  return context;
}

/** One page, and everything that went wrong in it. */
export class Tab {
  readonly page: Page;
  readonly #problems: string[] = [];
  /** Failures that a test makes itself. */
  readonly #expected: RegExp[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.#problems.push(`thrown: ${error.message}`));
    page.on('console', (message) => {
      // Chromium logs every answer from 400 on; those that count are judged by their status below.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.#problems.push(`console: ${message.text()}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.#problems.push(`answer: ${response.status()} ${response.url()}`);
    });
  }

  static async open(context: BrowserContext): Promise<Tab> {
    return new Tab(await context.newPage());
  }

  expect(problem: RegExp): void {
    this.#expected.push(problem);
  }

  assertClean(): void {
    const unexpected = this.#problems.filter((text) => !this.#expected.some((known) => known.test(text)));
    assert.deepEqual(unexpected, []);
  }

  /** No finding of axe that is serious or worse: WCAG 2.2 A and AA, and its best practices. */
  async assertAccessible(where: string): Promise<void> {
    const findings = await findingsOfAxe(this.page);
    assert.deepEqual(findings, [], `${where} is not accessible`);
  }

  async show(theme: Theme, width: Width): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await this.page.setViewportSize(sizes[width]);
  }

  /** The page in both themes and widths, as NAME-THEME-WIDTH.png, where EMBERKEEP_SCREENSHOTS names a directory. */
  async picture(name: string): Promise<void> {
    const directory = process.env['EMBERKEEP_SCREENSHOTS'];
    for (const theme of ['light', 'dark'] as const) {
      for (const width of ['wide', 'narrow'] as const) {
        await this.show(theme, width);
        assert.equal(await hasSidewaysScroll(this.page), false, `${name} is wider than the ${width} window`);
        if (directory === undefined) continue;
        // A window as high as the page: what sticks to the window would end in the middle of a picture.
        const { width: wide, height } = sizes[width];
        await this.page.setViewportSize({
          width: wide,
          height: Math.max(height, await this.page.evaluate<number>('document.documentElement.scrollHeight')),
        });
        await this.page.screenshot({
          path: join(directory, `${name}-${theme}-${width}.png`),
          animations: 'disabled',
          fullPage: true,
        });
      }
    }
    await this.show('light', 'wide');
  }
}

async function hasSidewaysScroll(page: Page): Promise<boolean> {
  return await page.evaluate<boolean>(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
}

interface AxeFinding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

async function findingsOfAxe(page: Page): Promise<string[]> {
  // Evaluated by the debugger: the page's policy allows no script of others, and stays as it is.
  await page.evaluate(axe.source);
  const violations = await page.evaluate<AxeFinding[]>(
    "axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)",
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
}
