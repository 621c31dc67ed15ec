import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { startFakeService } from './fake-service.ts';

export const portalTypesFile = 'src/portal/api/schema.d.ts';

const head = '// Written by `npm run portal:types` from the OpenAPI document; not by hand.\n';

/** The types of everything that the API promises, as the portal's client takes them. */
export async function portalTypes(): Promise<string> {
  const service = await startFakeService();
  try {
    // The document is JSON of the service's own making, which is all that the generator's type asks for.
    const document = JSON.parse(JSON.stringify(service.api.document)) as OpenAPI3;
    // Members with a default value may be left out of a request.
    const nodes = await openapiTS(document, { defaultNonNullable: false });
    return head + astToString(nodes);
  } finally {
    await service.close();
  }
}
