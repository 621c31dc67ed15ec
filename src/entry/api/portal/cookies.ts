import type { Request, Response } from 'express';
import { randomBytes } from 'node:crypto';

const sessionNames = { secure: '__Host-emberkeep', plain: 'emberkeep-session' };
const stateNames = { secure: '__Host-emberkeep-websso', plain: 'emberkeep-websso' };
/** 32 bytes in base64url. */
const valuePattern = /^[A-Za-z0-9_-]{43}$/;
/** How long a single sign-on may take at Keystone and the identity provider. */
const stateSeconds = 600;

/** Whether the browser speaks TLS, to us or to a proxy. */
export function isSecure(request: Request, publicUrl: string | undefined): boolean {
  return publicUrl === undefined ? request.secure : publicUrl.startsWith('https:');
}

/** The 32 bytes of the session's cookie; undefined when there is none, or what is no cookie of ours. */
export function sessionCookieOf(request: Request, secure: boolean): Buffer | undefined {
  const value = cookieOf(request, nameOf(sessionNames, secure));
  return value === undefined ? undefined : Buffer.from(value, 'base64url');
}

/** Without an end of its own: a browser that is closed forgets it. */
export function setSessionCookie(response: Response, cookie: Buffer, secure: boolean): void {
  append(response, `${nameOf(sessionNames, secure)}=${cookie.toString('base64url')}`, secure, 'Lax');
}

export function clearSessionCookie(response: Response, secure: boolean): void {
  append(response, `${nameOf(sessionNames, secure)}=`, secure, 'Lax', 0);
}

/** Says that this browser began a single sign-on here. */
export function setStateCookie(response: Response, secure: boolean): void {
  const value = randomBytes(32).toString('base64url');
  append(response, `${nameOf(stateNames, secure)}=${value}`, secure, stateSameSite(secure), stateSeconds);
}

/** It counts once: the answer takes it away. */
export function takeStateCookie(request: Request, response: Response, secure: boolean): boolean {
  append(response, `${nameOf(stateNames, secure)}=`, secure, stateSameSite(secure), 0);
  return cookieOf(request, nameOf(stateNames, secure)) !== undefined;
}

/**
 * Keystone's page posts from another site, where only `None` is sent, which needs TLS. Without TLS a cookie that says
 * nothing is sent with such a post for its first two minutes ("Lax + POST").
 */
function stateSameSite(secure: boolean): 'None' | undefined {
  return secure ? 'None' : undefined;
}

function nameOf(names: { secure: string; plain: string }, secure: boolean): string {
  return secure ? names.secure : names.plain;
}

function cookieOf(request: Request, name: string): string | undefined {
  const values = (request.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.find((value) => valuePattern.test(value));
}

function append(
  response: Response,
  pair: string,
  secure: boolean,
  sameSite: 'Lax' | 'None' | undefined,
  maxAgeSeconds?: number,
): void {
  const attributes = [
    pair,
    'Path=/',
    'HttpOnly',
    ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ...(secure ? ['Secure'] : []),
    ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
  ];
  response.append('Set-Cookie', attributes.join('; '));
}
