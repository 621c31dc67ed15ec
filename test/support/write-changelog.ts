/**
 * `npm run changelog`: shows the next version's section. `-- release [DATE]` writes it into CHANGELOG.md and removes the
 * fragments. `-- notes VERSION` prints what was released. The version is that of package.json.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  nextSection,
  parseChangelog,
  readFragment,
  renderSection,
  withSection,
  type Changelog,
  type Fragment,
} from './changelog.ts';

const folder = 'changes';
const file = 'CHANGELOG.md';

function readFragments(): Fragment[] {
  const names = readdirSync(folder).filter((name) => name !== 'README.md');
  return names.sort().map((name) => readFragment(name, readFileSync(join(folder, name), 'utf8')));
}

function readChangelog(): Changelog {
  return parseChangelog(readFileSync(file, 'utf8'));
}

function ownVersion(): string {
  return (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
}

function release(date: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`${date} is no date; give it as 2026-11-22`);
  const fragments = readFragments();
  const section = nextSection(readChangelog(), fragments, { version: ownVersion(), date });
  // I1 in small: the changes are in the new file before they go from the old ones.
  writeFileSync(file, withSection(readChangelog(), section));
  for (const fragment of fragments) rmSync(join(folder, fragment.file));
  return `${file} has ${section.version} of ${date}; ${fragments.length} fragments are folded into it\n`;
}

function notes(version: string): string {
  const waiting = readFragments();
  if (waiting.length > 0)
    throw new Error(`changes/ still holds ${waiting.length} fragments: run npm run changelog -- release`);
  const section = readChangelog().sections.find((each) => each.version === version);
  if (section?.date === undefined) throw new Error(`${file} has no released version ${version}`);
  return renderSection(section);
}

function run([command, argument]: readonly string[]): string {
  switch (command) {
    case undefined:
      return renderSection(
        nextSection(readChangelog(), readFragments(), { version: ownVersion(), date: undefined }),
      );
    case 'release':
      return release(argument ?? new Date().toISOString().slice(0, 10));
    case 'notes':
      return notes(argument ?? ownVersion());
    default:
      throw new Error('use: npm run changelog [-- release [DATE] | -- notes [VERSION]]');
  }
}

try {
  process.stdout.write(run(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`changelog: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
