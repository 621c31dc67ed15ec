/** docs/reference/api.md: every route of the API with what it takes and gives, from the document that it serves itself. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { defaultPageSize, maxPageSize } from '../../../src/entry/api/schemas/common.ts';
import { curlExamples, curlOf, type CurlExample } from './api-examples.ts';
import { fieldLine, fieldLines, nameOfRef, typeOf, type Schema } from './api-schema.ts';
import { whoMay } from './api-who.ts';
import { code, linkTo, prose, sentence, table } from './markdown.ts';

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: [string];
  parameters?: Parameter[];
  requestBody?: Content;
  responses: Record<string, Content>;
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

const intro = `# The API

Every route, made from the program by \`npm run docs\`. The same as a document for tools is what the service answers at
\`/openapi.json\`, and lies here as [openapi.json](openapi.json) (OpenAPI 3.1). The [command line](../use/cli.md) uses
these routes and no others; so does the [portal](../use/portal.md), apart from its sign-in.

- **Address**: \`openstack endpoint list --service instance-backup\`, or what \`listen\` of the configuration says.
- **Sign-in**: a Keystone token in \`X-Auth-Token\`, for a project or for the system. [Who may do what](../use/access.md).
- **Form**: JSON in UTF-8, requests of at most 256 KiB. Times are UTC in ISO 8601, sizes in bytes. Unknown keys and parameters are refused.
- **Names**: \`{name_or_id}\` takes either; a name that several things have is refused (\`INPUT_AMBIGUOUS\`).
- **Lists** take \`limit\` (${defaultPageSize}, at most ${maxPageSize}) and \`marker\`; \`links\` holds the address of the next page, and is empty on the last.
- **Long work** is a job: the route answers 202 with it at once, and [GET /v1/jobs/{id}/events](#get-v1jobsidevents) follows it.
- **Repeats**: a POST with an \`Idempotency-Key\` is done once, however often it is sent within a day
  ([why](../adr/0028-idempotency.md)). \`Idempotency-Replayed: true\` marks an answer that was given before.
- **Request id**: every answer has \`x-openstack-request-id\`; it is in the service's log, in jobs and in the audit trail.

\`/\`, \`/v1\`, \`/openapi.json\`, \`/livez\`, \`/readyz\` and \`/healthcheck\` answer without a token.

## Errors

\`\`\`json
{
  "error": {
    "code": 404,
    "title": "Not Found",
    "message": "instance \\"web-02\\" was not found; check the name or id and your project",
    "type": "NOTFOUND_RESOURCE",
    "details": {},
    "request_id": "req-c9e91a92-3ee9-4a0a-95de-c0170e2c5e86"
  }
}
\`\`\`

\`type\` is the stable [error code](errors.md), \`code\` the HTTP status of its [family](errors.md#families). Any route may answer with
\`AUTH_TOKEN_MISSING\` or \`AUTH_TOKEN_INVALID\` (401), \`INPUT_PATH\`, \`INPUT_QUERY\`, \`INPUT_BODY\` or \`INPUT_JSON\` (400), and with what an
OpenStack service, Ceph, a store or the database says (502, 503, 504). A POST with a key may answer \`CONFLICT_IDEMPOTENCY_KEY\`,
\`CONFLICT_IDEMPOTENCY_UNDER_WAY\` or \`CONFLICT_IDEMPOTENCY_LOST\` (409). A route below names only those that say who may not:
\`FORBIDDEN_ROLE\` (403), and \`NOTFOUND_RESOURCE\` (404), which is also what another project's things answer. Who has none of the roles
gets \`FORBIDDEN_ROLE\` everywhere.

## Examples

\`\`\`bash
EMBERKEEP=https://backup.example.org
TOKEN=$(openstack token issue -f value -c id)
\`\`\`
`;

export function apiPage(document: ApiDocument): string {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Route => ({ method, path, operation })),
  );
  const groups = [...Map.groupBy(routes, ({ operation }) => operation.tags[0])];
  const requests = requestSchemas(routes);
  const parts = [
    intro,
    ...curlExamples.map((example) => exampleOf(example, document)),
    '## Routes',
    ...groups.map(([tag, members]) => `### ${sentence(tag).slice(0, -1)}\n\n${overviewOf(members)}`),
    ...groups.flatMap(([tag, members]) => [`## Routes of ${tag}`, ...members.map(sectionOf)]),
    '## Objects',
    'What routes take and give, by name. Fields of requests say what may be left out; answers hold every field, null where there is nothing.',
    ...Object.entries(document.components.schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => objectOf(name, schema, requests.has(name))),
  ];
  return `${parts.join('\n\n')}\n`;
}

function headingOf({ method, path }: Route): string {
  return `${method.toUpperCase()} ${path}`;
}

function overviewOf(routes: readonly Route[]): string {
  const rows = routes.map((route) => [
    linkTo(headingOf(route), code(headingOf(route))),
    prose(route.operation.summary),
    whoMay(route.operation.operationId).short,
  ]);
  return table(['route', 'does', 'for'], rows);
}

function sectionOf(route: Route): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = route.operation;
  const { text, refusals } = whoMay(operationId);
  const given = parameters.filter(({ in: place }) => place !== 'header');
  const body = schemaOf(requestBody);
  const parts = [
    `### ${headingOf(route)}`,
    `${sentence(prose(summary))}${description === undefined ? '' : ` ${sentence(prose(description))}`}`,
    `For ${text}. Refused with ${refusals.map(code).join(' or ')}.`,
    given.length === 0 ? '' : ['Parameters:', '', ...given.map(parameterLine)].join('\n'),
    body === undefined ? '' : bodyText('Takes', body, true),
    ...Object.entries(responses)
      .filter(([status]) => status !== 'default')
      .map(([status, answer]) => answerText(status, answer)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function schemaOf({ content = {} }: Content = {}): Schema | undefined {
  return content['application/json']?.schema;
}

function parameterLine(parameter: Parameter): string {
  const { name, in: place, required = false, description, schema } = parameter;
  const shown = { ...schema, ...(description === undefined ? {} : { description }) };
  const line = fieldLine(name, shown, !required, true);
  return place === 'path' ? line.replace(' (', ' (in the path, ') : line.replace(', optional', '');
}

function bodyText(verb: string, schema: Schema, isRequest: boolean): string {
  if (schema.$ref !== undefined) return `${verb} ${typeOf(schema)}.`;
  return [`${verb}:`, '', ...fieldLines(schema, isRequest)].join('\n');
}

function answerText(status: string, answer: Content): string {
  const schema = schemaOf(answer);
  if (schema === undefined)
    return `Answers ${status} with ${Object.keys(answer.content ?? {})
      .map(code)
      .join()}.`;
  return bodyText(`Answers ${status} with`, schema, false);
}

/** Names of everything that a request is made of. */
function requestSchemas(routes: readonly Route[]): ReadonlySet<string> {
  const bodies = routes.map(({ operation }) => schemaOf(operation.requestBody)?.$ref);
  return new Set(bodies.filter((ref) => ref !== undefined).map(nameOfRef));
}

function objectOf(name: string, schema: Schema, isRequest: boolean): string {
  const bases = (schema.allOf ?? []).filter(({ $ref }) => $ref !== undefined).map(typeOf);
  const own = (schema.allOf ?? [schema]).filter(({ $ref }) => $ref === undefined);
  const lines = own.flatMap((part) => fieldLines(part, isRequest));
  const parts = [
    `### ${name}`,
    schema.description === undefined ? '' : sentence(prose(schema.description)),
    bases.length === 0 ? '' : `All of ${bases.join(' and ')}, and:`,
    lines.join('\n'),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function exampleOf(example: CurlExample, document: ApiDocument): string {
  checkExample(example, document);
  return `${example.title}\n\n\`\`\`bash\n${curlOf(example)}\n\`\`\``;
}

/** @throws Error when the API would refuse it. */
function checkExample(
  { method, path, query = '', body, values = {} }: CurlExample,
  document: ApiDocument,
): void {
  const operation = document.paths[path]?.[method];
  const what = `the example ${method} ${path}`;
  if (operation === undefined) throw new Error(`${what} is no route of the API`);
  const { parameters = [], requestBody } = operation;
  const given = { ...Object.fromEntries(new URLSearchParams(query)), ...values };
  for (const name of Object.keys(given)) {
    if (!parameters.some((parameter) => parameter.name === name)) throw new Error(`${what} has no ${name}`);
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'api', components: document.components });
  const schema = schemaOf(requestBody);
  if ((schema === undefined) !== (body === undefined)) throw new Error(`${what} has a body, or lacks one`);
  if (schema?.$ref === undefined) return;
  if (!ajv.validate({ $ref: `api${schema.$ref}` }, body)) throw new Error(`${what}: ${ajv.errorsText()}`);
}
