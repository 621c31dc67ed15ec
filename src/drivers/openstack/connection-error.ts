import { AxiosError } from 'axios';
import { AppError, describeError } from '../../base/errors.ts';
import { badAnswer, unreachable, type RequestLabel } from './http-error.ts';

/** Codes of failures before any byte of the request was sent. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EPROTO',
]);

/** What a request that got no answer failed with; says in `details.sent` whether the server may have seen it. */
export function connectionError(
  label: RequestLabel,
  error: unknown,
  timedOutMs: number | undefined,
): AppError {
  if (error instanceof AppError) return error;
  // An AxiosError holds the whole request with its headers: only its name, code and message may leave this place.
  const code = error instanceof AxiosError ? (error.code ?? '') : '';
  const message = describeConnection(error);
  const cause = Object.assign(new Error(message), { code });
  if (code === 'ERR_BAD_RESPONSE' && timedOutMs === undefined) return badAnswer(label, message, cause);
  const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  const failure = unreachable(label, {
    reason: certificate ? `${message}; set cacert to the CA of the cloud` : message,
    timedOut: timedOutMs !== undefined,
    timeoutMs: timedOutMs ?? 0,
    cause,
  });
  failure.details['sent'] = !(neverSent.has(code) || certificate);
  return failure;
}

/** A name that resolves to several addresses fails as an AggregateError with an empty message. */
function describeConnection(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof AggregateError ? error.cause.errors : [];
  const parts = inner.map((one: unknown) => describeError(one));
  if (parts.length > 0) return parts.join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as { code?: string }).code ?? 'connection failed') : error.message;
}
