import { AppError } from '../../base/errors.ts';
import { z } from 'zod';
import { badAnswer } from './http-error.ts';
import type { HttpResponse } from './request.ts';

/** A microversion as text, `2.88`. Never `latest`: what it means changes under a running service. */
export type Microversion = `${number}.${number}`;

export interface MicroversionRange {
  min: Microversion;
  max: Microversion;
}

/** What we can speak with one service: from the oldest that has what we need to the newest that was tried. */
export interface SupportedMicroversions extends MicroversionRange {
  /** `compute` or `volume`: the word in the OpenStack-API-Version header. */
  name: 'compute' | 'volume';
}

export function compareMicroversions(a: Microversion, b: Microversion): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

/** The newest microversion that both sides know; throws OPENSTACK_MICROVERSION when there is none. */
export function negotiateMicroversion(
  ours: SupportedMicroversions,
  theirs: MicroversionRange,
  url: string,
): Microversion {
  const max = compareMicroversions(ours.max, theirs.max) <= 0 ? ours.max : theirs.max;
  if (compareMicroversions(max, ours.min) >= 0 && compareMicroversions(max, theirs.min) >= 0) return max;
  throw new AppError(
    'OPENSTACK_MICROVERSION',
    `The ${ours.name} API at ${url} speaks ${theirs.min} to ${theirs.max}, this service needs one of ${ours.min} to ${ours.max}: upgrade the older of the two.`,
    { details: { url, ours: { min: ours.min, max: ours.max }, theirs } },
  );
}

/** X-OpenStack-Nova-API-Version is the older form of the header, which Nova below 2.27 alone understands. */
export function microversionHeaders(name: string, version: Microversion): Record<string, string> {
  return {
    'OpenStack-API-Version': `${name} ${version}`,
    ...(name === 'compute' ? { 'X-OpenStack-Nova-API-Version': version } : {}),
  };
}

const versionSchema = z.object({
  id: z.string(),
  version: z.string().nullish(),
  min_version: z.string().nullish(),
});
const documentSchema = z.union([
  z.object({ version: versionSchema }).transform(({ version }) => [version]),
  z.object({ versions: z.array(versionSchema) }).transform(({ versions }) => versions),
]);

/** The range in a version document, for the major version that the endpoint's URL names (`v2.1`, `v3`). */
export function readVersionDocument(response: HttpResponse, major: string): MicroversionRange {
  const parsed = documentSchema.safeParse(response.body);
  if (!parsed.success)
    throw badAnswer(response.label, 'something that is not a version document', parsed.error);
  const entry =
    parsed.data.find(({ id }) => id === major) ??
    parsed.data.find(({ id }) => id.split('.')[0] === major.split('.')[0]);
  const { min_version: min, version: max } = entry ?? {};
  if (isMicroversion(min) && isMicroversion(max)) return { min, max };
  throw badAnswer(response.label, `a version document without microversions for ${major}`);
}

function isMicroversion(text: string | null | undefined): text is Microversion {
  return typeof text === 'string' && /^\d+\.\d+$/.test(text);
}
