import { AppError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';

export interface S3Place {
  bucket: string;
  /** The endpoint's URL, or Amazon's name. */
  endpoint: string;
  /** Of the configuration. */
  section: string;
}

interface Meaning {
  code: ErrorCode;
  /** What is wrong and what to do, after `Cannot ACTION: `. */
  say: (place: S3Place, reason: string) => string;
  retryable?: boolean;
}

const permissions =
  's3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload';

const meanings = {
  noBucket: {
    code: 'STORE_NO_BUCKET',
    say: ({ bucket, endpoint, section }) =>
      `there is no bucket ${bucket} at ${endpoint}. Create it, or correct ${section}.bucket.`,
  },
  wrongKeys: {
    code: 'STORE_WRONG_KEYS',
    say: ({ endpoint, section }, reason) =>
      `${endpoint} does not accept the access key or its secret (${reason}). Check ${section}.access_key_id and the secret, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  },
  noKeys: {
    code: 'STORE_WRONG_KEYS',
    say: ({ section }, reason) =>
      `no access key was found (${reason}). Set ${section}.access_key_id and ${section}.secret_access_key_file, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  },
  noPermission: {
    code: 'STORE_NO_PERMISSION',
    say: ({ bucket }, reason) =>
      `permission denied (${reason}). On bucket ${bucket} the keys need ${permissions}.`,
  },
  full: {
    code: 'STORE_FULL',
    say: ({ bucket }, reason) =>
      `no space is left (${reason}). Raise the quota of bucket ${bucket} or of its owner, or expire recovery points.`,
  },
  clockSkew: {
    code: 'STORE_CLOCK_SKEW',
    say: ({ endpoint }) =>
      `the clocks of this machine and of ${endpoint} differ by too much for signatures. Set both by NTP.`,
  },
  wrongRegion: {
    code: 'STORE_WRONG_REGION',
    say: ({ bucket, section }, reason) =>
      `the region is missing or is not the one of bucket ${bucket} (${reason}). Set ${section}.region.`,
  },
  tls: {
    code: 'STORE_TLS',
    say: ({ endpoint, section }, reason) =>
      `no trusted TLS connection to ${endpoint} (${reason}). Check http or https in ${section}.endpoint; for a CA of your own set ${section}.ca_file.`,
  },
  unreachable: {
    code: 'STORE_UNREACHABLE',
    say: ({ endpoint }, reason) =>
      `${endpoint} does not answer as it should (${reason}). Check that the gateway runs, and the network.`,
    retryable: true,
  },
  missing: { code: 'STORE_OBJECT_MISSING', say: () => 'it does not exist.' },
  changed: { code: 'STORE_IO', say: () => 'the object was replaced while it was read.' },
  damagedOnTheWay: {
    code: 'STORE_IO',
    say: (_, reason) => `the bytes that arrived were others than were sent (${reason}).`,
    retryable: true,
  },
  other: { code: 'STORE_IO', say: ({ endpoint }, reason) => `${endpoint} answered ${reason}.` },
} satisfies Record<string, Meaning>;

/** S3's error codes: "Error responses" in Amazon's API reference, rgw_common.cc for Ceph, api-errors.go for MinIO. */
const byName: Record<string, Meaning> = {
  NoSuchBucket: meanings.noBucket,
  InvalidBucketName: meanings.noBucket,
  InvalidAccessKeyId: meanings.wrongKeys,
  SignatureDoesNotMatch: meanings.wrongKeys,
  InvalidToken: meanings.wrongKeys,
  ExpiredToken: meanings.wrongKeys,
  CredentialsProviderError: meanings.noKeys,
  AccessDenied: meanings.noPermission,
  AllAccessDisabled: meanings.noPermission,
  AccountProblem: meanings.noPermission,
  QuotaExceeded: meanings.full,
  XMinioStorageFull: meanings.full,
  XMinioAdminBucketQuotaExceeded: meanings.full,
  RequestTimeTooSkewed: meanings.clockSkew,
  RequestExpired: meanings.clockSkew,
  PermanentRedirect: meanings.wrongRegion,
  TemporaryRedirect: meanings.wrongRegion,
  AuthorizationHeaderMalformed: meanings.wrongRegion,
  NoSuchKey: meanings.missing,
  PreconditionFailed: meanings.changed,
  BadDigest: meanings.damagedOnTheWay,
  XAmzContentSHA256Mismatch: meanings.damagedOnTheWay,
  SlowDown: meanings.unreachable,
  RequestTimeout: meanings.unreachable,
  TimeoutError: meanings.unreachable,
};

const byStatus: Record<number, Meaning> = {
  301: meanings.wrongRegion,
  403: meanings.noPermission,
  429: meanings.unreachable,
  507: meanings.full,
};

/** HPE_INVALID_CONSTANT: something that is not HTTP answers, as a TLS port does when it is asked by HTTP. */
const tlsCode = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|DEPTH_ZERO|^EPROTO$|^ERR_SSL|^ERR_TLS|^HPE_/;
const connectionCode = /^E[A-Z_]+$|^UND_ERR/;

/**
 * Whatever the SDK threw as what it means for the store; AppErrors pass unchanged. The cause holds name, status and
 * request id alone: the SDK's own error may carry the signed request (I10).
 */
export function s3Error(error: unknown, place: S3Place, action: string): AppError {
  if (error instanceof AppError) return error;
  const facts = factsOf(error);
  const meaning = meaningOf(facts);
  const cause = Object.assign(new Error(facts.reason), { code: facts.name });
  if (meaning === undefined) return new AppError('BUG_UNEXPECTED', `Cannot ${action}.`, { cause: error });
  return new AppError(meaning.code, `Cannot ${action}: ${meaning.say(place, facts.reason)}`, {
    cause,
    retryable: meaning.retryable ?? false,
    details: {
      ...place,
      reason: facts.name,
      status: facts.status,
      requestId: facts.requestId,
      ...facts.wait,
    },
  });
}

interface Facts {
  name: string;
  /** System or TLS error code. */
  code: string;
  status: number | undefined;
  requestId: string | undefined;
  reason: string;
  wait: { retryAfterMs?: number };
}

/** What the SDK's errors may carry, and Node's below them. */
interface Thrown {
  name?: string;
  Code?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
}

function factsOf(error: unknown): Facts {
  const thrown = (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Thrown;
  const { code = '', $metadata: { httpStatusCode: status, requestId } = {} } = thrown;
  const name = nameOf(thrown);
  return {
    name: name ?? code,
    code,
    status,
    requestId,
    reason: reasonOf(thrown, name, status),
    wait: waitOf(thrown),
  };
}

/** Answers to HEAD have no code, for which the SDK says Unknown; a lost connection it calls a TimeoutError. */
function nameOf({ Code, code, name }: Thrown): string | undefined {
  if (name === 'TimeoutError' && code !== undefined) return code;
  return Code ?? (name === 'Error' || name === 'Unknown' ? undefined : name);
}

/** RGW's errors have no message, for which the SDK says UnknownError. */
function reasonOf({ message }: Thrown, name: string | undefined, status: number | undefined): string {
  const parts = [
    name,
    status === undefined ? undefined : `HTTP ${status}`,
    message === 'UnknownError' ? undefined : message,
  ];
  return [...new Set(parts.filter((part) => part !== undefined && part !== ''))]
    .join(', ')
    .replace(/[.\s]+$/, '');
}

function waitOf({ $response }: Thrown): { retryAfterMs?: number } {
  const seconds = Number($response?.headers?.['retry-after'] ?? NaN);
  return Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {};
}

function meaningOf({ name, code, status, reason }: Facts): Meaning | undefined {
  const known = byName[name] ?? (status === undefined ? undefined : byStatus[status]);
  if (known !== undefined) return known;
  if (status !== undefined) return status >= 500 ? meanings.unreachable : meanings.other;
  if (/region is missing/i.test(reason)) return meanings.wrongRegion;
  if (tlsCode.test(code)) return meanings.tls;
  return connectionCode.test(code) ? meanings.unreachable : undefined;
}
