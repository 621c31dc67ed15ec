/** `npm run docs:chart`: writes the files of the chart that are made from others. */
import { writeFileSync } from 'node:fs';
import { madeChartFiles } from './chart/chart-files.ts';

for (const [path, text] of Object.entries(await madeChartFiles())) writeFileSync(path, text);
