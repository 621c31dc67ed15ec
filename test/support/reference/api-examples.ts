/** The main flows with curl. What they send is checked against the document when the page is made. */
export interface CurlExample {
  title: string;
  method: 'get' | 'post';
  /** As the document names it; the values go into the address. */
  path: string;
  values?: Record<string, string>;
  query?: string;
  body?: Record<string, unknown>;
  /** Sent with an Idempotency-Key. */
  once?: true;
  stream?: true;
}

const point = '6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f';
const job = '935f78b4-1cb0-4b7b-953a-569b9db55bb8';
const restore = '0ce64f62-ebe6-4091-a851-3e802e00fb88';

export const curlExamples: readonly CurlExample[] = [
  {
    title: 'Back up an instance. The answer holds the jobs; with the key the request may be repeated safely:',
    method: 'post',
    path: '/v1/backups',
    body: { target: { instance: 'web-01' } },
    once: true,
  },
  {
    title: 'Follow its job to the end:',
    method: 'get',
    path: '/v1/jobs/{id}/events',
    values: { id: job },
    stream: true,
  },
  {
    title: 'The recovery points of the instance, two at a time:',
    method: 'get',
    path: '/v1/points',
    query: 'source=web-01&limit=2',
  },
  {
    title: 'What a restore would do, and all that stands against it. Nothing is changed:',
    method: 'post',
    path: '/v1/restore-plans',
    body: { point: { instance: 'web-01', at: '2026-11-22T10:00:00Z' }, mode: 'in-place' },
  },
  {
    title: 'The restore itself, of one point by its id, as new volumes:',
    method: 'post',
    path: '/v1/restores',
    body: { point: { id: point }, mode: 'volume', name: 'web-01-before' },
    once: true,
  },
  {
    title: 'What came of it:',
    method: 'get',
    path: '/v1/restores/{id}',
    values: { id: restore },
  },
  {
    title: 'Take back a restore that was made in place:',
    method: 'post',
    path: '/v1/restores/{id}/undo',
    values: { id: restore },
    once: true,
  },
  {
    title: 'What is not protected, and why:',
    method: 'get',
    path: '/v1/coverage',
    query: 'state=unprotected',
  },
];

export function curlOf({ method, path, values = {}, query, body, once, stream }: CurlExample): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  const address = `"$EMBERKEEP${filled}${query === undefined ? '' : `?${query}`}"`;
  const parts = [
    `curl -s${stream ? 'N' : ''}${method === 'post' ? ' -X POST' : ''} -H "X-Auth-Token: $TOKEN"`,
    ...(once ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
    ...(body === undefined
      ? []
      : [
          `-H 'Content-Type: application/json'`,
          `-d '${JSON.stringify(body).replaceAll('":', '": ').replaceAll(',"', ', "')}'`,
        ]),
    address,
  ];
  const line = parts.join(' ');
  return line.length <= 100 ? line : parts.join(' \\\n  ');
}
