/** docs/reference/errors.md is written by hand, and holds exactly the codes that the program can give. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  AppError,
  errorFamilies,
  familyOf,
  type ErrorCode,
  type ErrorFamily,
} from '../../src/base/errors.ts';
import { statusOf } from '../../src/entry/api/error-status.ts';
import { exitCodeOf } from '../../src/entry/cli/exit-codes.ts';

const page = readFileSync('docs/reference/errors.md', 'utf8');

/** Look like codes and are none: a variable, and what only decides an exit code. */
const others = ['CEPH_CONF', 'INTEGRITY_STORE'];

function codesIn(text: string, quotes: string): Set<ErrorCode> {
  const pattern = new RegExp(`[${quotes}]((?:${errorFamilies.join('|')})_[A-Z0-9_]+)[${quotes}]`, 'g');
  const found = [...text.matchAll(pattern)].map(([, code]) => code as ErrorCode);
  return new Set(found.filter((code) => !others.includes(code)));
}

function codesOfProgram(): Set<ErrorCode> {
  const files = globSync('src/**/*.{ts,tsx}').filter((file) => !/[.]test[.]tsx?$|[.]d[.]ts$/.test(file));
  assert.ok(files.length > 300);
  return new Set(files.flatMap((file) => [...codesIn(readFileSync(file, 'utf8'), `'"\``)]));
}

interface FamilyRow {
  family: ErrorFamily;
  exit: number;
  statuses: number[];
}

function familyRows(): FamilyRow[] {
  const rows = [...page.matchAll(/^\| `([A-Z]+)` +\|[^|]+\| (\d+) +\| ([^|]+)\|$/gm)];
  return rows.map(([, family = '', exit = '', http = '']) => ({
    family: family as ErrorFamily,
    exit: Number(exit),
    statuses: [...http.matchAll(/\d{3}/g)].map(Number),
  }));
}

describe('docs/reference/errors.md', () => {
  const told = codesIn(page, '`');
  const given = codesOfProgram();

  test('has every code that the program gives', () => {
    const missing = [...given].filter((code) => !told.has(code));
    assert.deepEqual(missing, [], `not in docs/reference/errors.md: ${missing.join(', ')}`);
  });

  test('has no code that the program does not give', () => {
    const stale = [...told].filter((code) => !given.has(code));
    assert.deepEqual(stale, [], `nothing in src gives ${stale.join(', ')}`);
  });

  test('says of every code what it means and what to do', () => {
    const rows = page.split('\n').filter((line) => /^\| `[A-Z]+_/.test(line));
    assert.ok(rows.length > 100);
    for (const row of rows) {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      assert.ok(cells.length === 3 && cells.every((cell) => cell.trim() !== ''), row);
    }
  });

  test('has every family with its exit code', () => {
    const rows = familyRows();
    assert.deepEqual(
      rows.map(({ family, exit }) => [family, exit]),
      errorFamilies.map((family) => [family, exitCodeOf(`${family}_X`)]),
    );
  });

  test('has for every family the HTTP statuses that its codes have, and no others', () => {
    for (const { family, statuses } of familyRows()) {
      const codes: ErrorCode[] = [`${family}_X`, ...[...given].filter((code) => familyOf(code) === family)];
      const answered = new Set(codes.map((code) => statusOf(new AppError(code, ''))));
      assert.deepEqual([...new Set(statuses)].sort(), [...answered].sort(), family);
    }
  });
});
