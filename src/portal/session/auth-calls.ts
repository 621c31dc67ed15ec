import { refusal } from '../api/client.ts';
import type { Choice, Credentials, Session, SignInWays } from './session-types.ts';

const address = '/portal/auth/session';

/** Whether somebody is signed in, and how one may. @throws {ApiError} */
export async function readSession(): Promise<{ session: Session | null; sign_in: SignInWays }> {
  return (await call('GET', address)) as { session: Session | null; sign_in: SignInWays };
}

/** @throws {ApiError} AUTH_CREDENTIALS, AUTH_PASSCODE_NEEDED. */
export async function signIn(credentials: Credentials): Promise<Session> {
  return sessionOf(await call('POST', address, { body: credentials }));
}

/** Takes a token for another project, or for the system. @throws {ApiError} */
export async function chooseScope(choice: Choice, csrfToken: string): Promise<Session> {
  return sessionOf(await call('PUT', `${address}/scope`, { body: choice, csrfToken }));
}

/** Ends the session and revokes its token. @throws {ApiError} */
export async function signOut(csrfToken: string): Promise<void> {
  await call('DELETE', address, { csrfToken });
}

async function call(
  method: string,
  url: string,
  { body, csrfToken }: { body?: object; csrfToken?: string } = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(csrfToken === undefined ? {} : { 'X-CSRF-Token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.status === 204 ? undefined : await response.json();
  throw refusal(response, await bodyOf(response));
}

/** What a proxy answers may be no JSON. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function sessionOf(answer: unknown): Session {
  return (answer as { session: Session }).session;
}
