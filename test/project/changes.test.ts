import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { format } from 'prettier';
import { parseChangelog, readFragment } from '../support/changelog.ts';

const script = join(import.meta.dirname, '../support/write-changelog.ts');
const folder = mkdtempSync(join(tmpdir(), 'emberkeep-changes-'));
after(() => rmSync(folder, { recursive: true }));

test('every fragment in changes/ has the form that a release needs', () => {
  const names = readdirSync('changes').filter((name) => name !== 'README.md');
  for (const name of names) readFragment(name, readFileSync(join('changes', name), 'utf8'));
  assert.ok(existsSync('changes/README.md'));
});

test('CHANGELOG.md has its versions newest first, and none but the newest is unreleased', () => {
  const { sections } = parseChangelog(readFileSync('CHANGELOG.md', 'utf8'));
  assert.ok(sections.length > 0);
  const versions = sections.map(({ version }) => version);
  const order = new Intl.Collator('en', { numeric: true });
  assert.deepEqual(
    versions,
    [...new Set(versions)].sort((a, b) => order.compare(b, a)),
  );
  assert.ok(sections.slice(1).every(({ date }) => date !== undefined));
});

describe('a fragment is refused', () => {
  const cases: [what: string, file: string, text: string, problem: RegExp][] = [
    ['without a type', 'store-usage.md', 'Good.', /NAME\.TYPE\.md/],
    ['with a type that there is not', 'store-usage.feature.md', 'Good.', /the types are added, changed/],
    ['with a name in capitals', 'Store.added.md', 'Good.', /NAME\.TYPE\.md/],
    ['when it is empty', 'a.added.md', ' \n', /empty/],
    ['as a list', 'a.added.md', '- Good.', /no plain paragraph/],
    ['with a heading', 'a.added.md', '# Good\nIs it.', /no plain paragraph/],
    ['with two paragraphs', 'a.added.md', 'Good.\n\nBetter.', /more than one paragraph/],
    ['with a link', 'a.added.md', 'Good [so](docs/so.md).', /a link/],
    ['that begins small', 'a.added.md', 'good.', /capital/],
    ['without a full stop', 'a.added.md', 'Good', /full stop/],
    ['that is a story', 'a.added.md', `G${'o'.repeat(600)}d.`, /600/],
  ];
  for (const [what, file, text, problem] of cases) {
    test(what, () => assert.throws(() => readFragment(file, text), problem));
  }
});

describe('a release', () => {
  const root = join(folder, 'repository');
  const put = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
  const refusal = (...args: string[]): string => {
    const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    return stderr;
  };

  test('folds the fragments into the section that was begun, and removes them', async () => {
    cpSync('changes/README.md', join(root, 'changes/README.md'), { recursive: true });
    put('package.json', JSON.stringify({ version: '0.1.0' }));
    put('CHANGELOG.md', '# Changes\n\nNewest first.\n\n## 0.1.0, unreleased\n\n- Backups.\n');
    put('changes/b.fixed.md', 'A thing works.\n');
    put('changes/a.added.md', '`x` does y,\nand z.\n');
    const section = '- Backups.\n\n### Added\n\n- `x` does y,\n  and z.\n\n### Fixed\n\n- A thing works.\n';
    assert.equal(run(), `## 0.1.0, unreleased\n\n${section}`);
    assert.match(refusal('notes', '0.1.0'), /still holds 2 fragments/);
    run('release', '2026-12-01');
    const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    assert.equal(text, `# Changes\n\nNewest first.\n\n## 0.1.0, 2026-12-01\n\n${section}`);
    assert.equal(await format(text, { parser: 'markdown' }), text);
    assert.deepEqual(readdirSync(join(root, 'changes')), ['README.md']);
    assert.equal(run('notes', '0.1.0'), `## 0.1.0, 2026-12-01\n\n${section}`);
  });

  test('puts the next version before the last one', () => {
    put('package.json', JSON.stringify({ version: '0.2.0' }));
    put('changes/c.security.md', 'A hole is closed.\n');
    run('release', '2027-01-02');
    const { sections } = parseChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
    assert.deepEqual(
      sections.map(({ version, date }) => [version, date]),
      [
        ['0.2.0', '2027-01-02'],
        ['0.1.0', '2026-12-01'],
      ],
    );
  });

  test('is refused for a version that was released, without changes, and on no date', () => {
    assert.match(refusal('release'), /0\.2\.0 was released on 2027-01-02/);
    put('package.json', JSON.stringify({ version: '0.3.0' }));
    assert.match(refusal('release'), /nothing changed in 0\.3\.0/);
    assert.match(refusal('release', 'tomorrow'), /no date/);
    assert.match(refusal('notes', '0.3.0'), /no released version 0\.3\.0/);
  });
});
