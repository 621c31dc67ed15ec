/** `npm run docs`: writes the pages that are made from the program itself; package.json formats them afterwards. */
import { writeFileSync } from 'node:fs';
import { configReference } from '../../src/config/sample.ts';

writeFileSync('docs/reference/config.md', configReference());
