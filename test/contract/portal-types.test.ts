import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { portalTypes, portalTypesFile } from '../support/portal-types.ts';

test('the portal is compiled against the API as its document promises it today', async () => {
  const kept = readFileSync(portalTypesFile, 'utf8');
  assert.ok(kept === (await portalTypes()), `${portalTypesFile} is out of date; run npm run portal:types`);
});
