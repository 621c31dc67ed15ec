/** `npm run docs`: writes the pages that are made from the program itself. */
import { writeFileSync } from 'node:fs';
import { referencePages } from './reference/reference-pages.ts';

for (const [path, text] of Object.entries(await referencePages())) writeFileSync(path, text);
