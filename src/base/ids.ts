import { randomUUID } from 'node:crypto';

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function newId(): string {
  return randomUUID();
}

/** True for the canonical form that OpenStack and this service use: lower case, with hyphens. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}
