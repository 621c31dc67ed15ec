/** `npm run portal:types`: writes the types of the API that the portal is compiled against. */
import { writeFileSync } from 'node:fs';
import { portalTypes, portalTypesFile } from './portal-types.ts';

writeFileSync(portalTypesFile, await portalTypes());
