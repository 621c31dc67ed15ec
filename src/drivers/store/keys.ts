import { AppError } from '../../base/errors.ts';
import { isUuid } from '../../base/ids.ts';

/** The layout of format v1: docs/design/format.md, section "Layout". */
export const markerKey = 'emberkeep-store.json';
export const linksFolder = 'links';
export const pointsFolder = 'points';

export function linkFolder(linkId: string): string {
  return `${linksFolder}/${requireId(linkId)}`;
}

export function linkManifestKey(linkId: string): string {
  return `${linkFolder(linkId)}/manifest.json`;
}

export function indexKey(linkId: string): string {
  return `${linkFolder(linkId)}/index.zst`;
}

export function segmentsFolder(linkId: string): string {
  return `${linkFolder(linkId)}/segments`;
}

export function segmentKey(linkId: string, number: number): string {
  return `${segmentsFolder(linkId)}/${String(number).padStart(8, '0')}.zst`;
}

export function pointKey(pointId: string): string {
  return `${pointsFolder}/${requireId(pointId)}.json`;
}

const name = '[A-Za-z0-9_-][A-Za-z0-9._-]*';
const keyPattern = new RegExp(`^${name}(/${name})*$`);

/** Refuses keys that would leave the root, hide, or look like an unfinished put. */
export function assertKey(key: string): void {
  if (keyPattern.test(key) && !/[.]part(\/|$)/.test(key)) return;
  throw new AppError('BUG_STORE_KEY', `Not a key of a store: ${JSON.stringify(key)}.`);
}

/** An id becomes part of a path, so that nothing but a UUID may pass. */
function requireId(id: string): string {
  if (isUuid(id)) return id;
  throw new AppError('INPUT_ID', `Not an id of a link or point: ${JSON.stringify(id)}.`);
}
