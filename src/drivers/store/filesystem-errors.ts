import { AppError } from '../../base/errors.ts';

const noPermission = ['EACCES', 'EPERM', 'EROFS'];
const full = ['ENOSPC', 'EDQUOT'];
const unreachable = [
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENODEV',
  'ENXIO',
];

/** The `code` of a Node system error, undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A failed system call as what it means for the store; AppErrors pass unchanged. */
export function filesystemError(error: unknown, root: string, action: string): AppError {
  if (error instanceof AppError) return error;
  const code = systemCode(error);
  const options = { cause: error, details: { root, systemCode: code } };
  if (code === undefined) return new AppError('BUG_UNEXPECTED', `Cannot ${action}.`, options);
  if (noPermission.includes(code)) {
    return new AppError(
      'STORE_NO_PERMISSION',
      `Cannot ${action}: permission denied (${code}). The user that runs Emberkeep must own ${root} and the file system must be mounted read-write.`,
      options,
    );
  }
  if (full.includes(code)) {
    return new AppError(
      'STORE_FULL',
      `Cannot ${action}: no space is left (${code}). Free space on the file system of ${root}, raise its quota, or expire recovery points.`,
      options,
    );
  }
  if (unreachable.includes(code)) return unreachableError(root, action, options);
  return new AppError('STORE_IO', `Cannot ${action}: ${code}.`, options);
}

export function unreachableError(
  root: string,
  action: string,
  options: { cause?: unknown; details?: Record<string, unknown> } = {},
): AppError {
  return new AppError(
    'STORE_UNREACHABLE',
    `Cannot ${action}: ${root} is not there. Check that its file system is mounted and its server answers.`,
    { ...options, retryable: true },
  );
}
