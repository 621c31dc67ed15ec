import { signal } from '@preact/signals';
import { toApiError, type ApiError } from '../api/api-error.ts';
import { bindSession } from '../api/client.ts';
import * as calls from './auth-calls.ts';
import {
  choiceOf,
  isSameScope,
  type Choice,
  type Credentials,
  type Session,
  type SignInWays,
} from './session-types.ts';

export type SessionState =
  | { status: 'loading' }
  | { status: 'failed'; error: ApiError }
  | { status: 'signed-out'; ways: SignInWays }
  | {
      status: 'signed-in';
      session: Session;
      ways: SignInWays;
      /** The session ended under the page: it stays as it is, and asks to sign in again. */
      expired: boolean;
    };

export const sessionState = signal<SessionState>({ status: 'loading' });

/** Grows whenever what was read may be another's by now: pages read anew. */
export const scopeEpoch = signal(0);

/** Grows when somebody has signed in again as before: pages keep what they show, and read it anew. */
export const signInEpoch = signal(0);

/** Set when another tab changed the project under this one. */
export const changedElsewhere = signal(false);

/** Tabs of one browser share a session: what one does to it, the others hear of. */
const channel = new BroadcastChannel('emberkeep-session');

export function currentSession(): Session | undefined {
  const state = sessionState.value;
  return state.status === 'signed-in' ? state.session : undefined;
}

/** Reads the session; called at the start, and when another tab changed it or this one comes to the front again. */
export async function loadSession(): Promise<void> {
  try {
    const { session, sign_in: ways } = await calls.readSession();
    if (session !== null) changedElsewhere.value = adopt(session, ways) || changedElsewhere.peek();
    else if (sessionState.peek().status === 'signed-in') expire();
    else sessionState.value = { status: 'signed-out', ways };
  } catch (error) {
    // A page that is open already stays: its own calls tell what does not work.
    if (sessionState.peek().status !== 'signed-in')
      sessionState.value = { status: 'failed', error: toApiError(error) };
  }
}

/** Signs in, and goes on in the same project where the session before it had ended. @throws {ApiError} */
export async function signIn(credentials: Credentials): Promise<void> {
  const state = sessionState.peek();
  if (state.status !== 'signed-out' && state.status !== 'signed-in') return;
  const before = state.status === 'signed-in' ? state.session : undefined;
  const session = await calls.signIn(credentials);
  adopt(before?.user.id === session.user.id ? await backTo(before, session) : session, state.ways);
  channel.postMessage('changed');
}

/** @throws {ApiError} */
export async function chooseScope(choice: Choice): Promise<void> {
  const state = sessionState.peek();
  if (state.status !== 'signed-in') return;
  adopt(await calls.chooseScope(choice, state.session.csrf_token), state.ways);
  changedElsewhere.value = false;
  channel.postMessage('changed');
}

/** @throws {ApiError} */
export async function signOut(): Promise<void> {
  const state = sessionState.peek();
  if (state.status !== 'signed-in') return;
  try {
    await calls.signOut(state.session.csrf_token);
  } catch (error) {
    if (toApiError(error).status !== 401) throw error;
  }
  forgetUser();
  channel.postMessage('signed-out');
}

/** Shows the sign-in page, for somebody else than who was signed in. */
export function forgetUser(): void {
  const state = sessionState.peek();
  if (state.status !== 'signed-in') return;
  sessionState.value = { status: 'signed-out', ways: state.ways };
}

/** Takes a session over. Answers whether it is another user's or another project's than the one before. */
function adopt(session: Session, ways: SignInWays): boolean {
  const state = sessionState.peek();
  const before = state.status === 'signed-in' ? state : undefined;
  const isOther =
    before !== undefined &&
    (before.session.user.id !== session.user.id || !isSameScope(before.session.scope, session.scope));
  sessionState.value = { status: 'signed-in', session, ways, expired: false };
  if (isOther) scopeEpoch.value += 1;
  else if (before?.expired === true) signInEpoch.value += 1;
  return isOther;
}

async function backTo(before: Session, session: Session): Promise<Session> {
  const choice = choiceOf(before.scope);
  if (choice === undefined || isSameScope(before.scope, session.scope)) return session;
  try {
    return await calls.chooseScope(choice, session.csrf_token);
  } catch (error) {
    // The project was taken from the user meanwhile: the choice of a project follows.
    const { status } = toApiError(error);
    if (status === 401 || status === 403 || status === 404) return session;
    throw error;
  }
}

function expire(): void {
  const state = sessionState.peek();
  if (state.status === 'signed-in' && !state.expired) sessionState.value = { ...state, expired: true };
}

/** Ties the session to the client of the API, to the other tabs and to the clock of this one. */
export function startSession(): void {
  bindSession({
    csrfToken: () => {
      const state = sessionState.peek();
      return state.status === 'signed-in' ? state.session.csrf_token : undefined;
    },
    onExpired: expire,
    onChanged: () => void loadSession(),
  });
  channel.addEventListener('message', ({ data }: MessageEvent<string>) => {
    if (data === 'signed-out') forgetUser();
    else void loadSession();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && sessionState.peek().status === 'signed-in')
      void loadSession();
  });
  setInterval(() => {
    const session = currentSession();
    if (session !== undefined && Date.parse(session.expires_at) <= Date.now()) expire();
  }, 5000);
  // Another tab may wait for this very sign-in, through a page of another service.
  void loadSession().then(() => {
    if (sessionState.peek().status === 'signed-in') channel.postMessage('changed');
  });
}
