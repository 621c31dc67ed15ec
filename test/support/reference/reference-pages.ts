/** The pages of docs/reference that are made from the program, formatted as they are kept. */
import { readFileSync } from 'node:fs';
import { format, type Options } from 'prettier';
import { configReference } from '../../../src/config/sample.ts';
import { startFakeService } from '../fake-service.ts';
import { apiPage, type ApiDocument } from './api-page.ts';
import { cliPage } from './cli-page.ts';
import { metricsPage } from './metrics-page.ts';

/** By their paths. */
export async function referencePages(): Promise<Record<string, string>> {
  const document = await servedDocument();
  const made = {
    'docs/reference/api.md': apiPage(document),
    'docs/reference/cli.md': cliPage(),
    'docs/reference/config.md': configReference(),
    'docs/reference/metrics.md': metricsPage(),
    'docs/reference/openapi.json': JSON.stringify(document),
  };
  const options = JSON.parse(readFileSync('.prettierrc.json', 'utf8')) as Options;
  const formatted = Object.entries(made).map(
    async ([path, text]) => [path, await format(text, { ...options, filepath: path })] as const,
  );
  return Object.fromEntries(await Promise.all(formatted));
}

/** Over HTTP, as every client gets it, of the release that this is. */
async function servedDocument(): Promise<ApiDocument> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const service = await startFakeService({ version });
  try {
    const answer = await fetch(`${service.url}/openapi.json`);
    return (await answer.json()) as ApiDocument;
  } finally {
    await service.close();
  }
}
