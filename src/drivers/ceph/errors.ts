import { constants } from 'node:os';
import { AppError, type ErrorCode } from '../../base/errors.ts';
import type { CephCluster } from './cluster.ts';

export interface FailedCommand {
  cluster: CephCluster;
  program: string;
  /** Arguments after the cluster's own, as a user would type them. */
  args: readonly string[];
  exitCode: number | undefined;
  signal: string | undefined;
  stderr: string;
  cause?: unknown;
}

const { errno } = constants;

const fullAdvice = "the cluster or pool is full, or the pool's quota is used up";
const noRoom = /\((?:28|122)\) (?:No space left on device|Disk quota exceeded)/;

/** `rbd` and `ceph` exit with the errno of the failure (src/tools/rbd/Shell.cc: `return std::abs(r)`). */
const codes: Record<number, { code: ErrorCode; advice: string; retryable?: boolean }> = {
  [errno.ENOENT]: { code: 'CEPH_NOT_FOUND', advice: 'no such pool, image or snapshot' },
  [errno.EEXIST]: { code: 'CEPH_EXISTS', advice: 'it exists already' },
  [errno.EBUSY]: { code: 'CEPH_BUSY', advice: 'it is in use', retryable: true },
  [errno.EPERM]: { code: 'CEPH_NO_PERMISSION', advice: "the cephx user's caps do not allow it" },
  [errno.EACCES]: { code: 'CEPH_NO_PERMISSION', advice: 'Ceph refused the cephx user or its key' },
  [errno.ENOSPC]: { code: 'CEPH_FULL', advice: fullAdvice },
  [errno.EDQUOT]: { code: 'CEPH_FULL', advice: fullAdvice },
  [errno.ETIMEDOUT]: {
    code: 'CEPH_UNREACHABLE',
    advice: 'the monitors do not answer; check mon_host and the network',
    retryable: true,
  },
  [errno.ENOTEMPTY]: { code: 'CEPH_NOT_EMPTY', advice: 'it still has snapshots' },
};

/**
 * What of a spec is not there, as far as rbd says it (src/tools/rbd/Utils.cc: open_image comes after init_io_ctx, so whoever
 * misses the image has found the pool).
 */
function missingOf({ exitCode, stderr }: FailedCommand): 'pool' | 'image' | undefined {
  if (exitCode !== errno.ENOENT) return undefined;
  if (stderr.includes('error opening pool')) return 'pool';
  return stderr.includes('error opening image') ? 'image' : undefined;
}

/** The pool is there, the image is not. */
export function isImageMissing(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CEPH_NOT_FOUND' && error.details['missing'] === 'image';
}

/** Of signals that a program gives itself; of others, such as an operator's kill, it is not to blame. */
const crashSignals = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE']);
/** What Ceph's own handler of these signals prints (src/global/signal_handler.cc), before pages of recent events. */
const crashReport = '*** Caught signal (';
const crashReason = /assert|terminate called|what\(\):|Caught signal/;

/** The program ended by a fault of its own; what it did until then is unknown. */
export function isCrash({ signal, stderr }: Pick<FailedCommand, 'signal' | 'stderr'>): boolean {
  return (signal !== undefined && crashSignals.has(signal)) || stderr.includes(crashReport);
}

/** Lines that say why, without the timestamps and thread ids that librados puts before them. */
export function stderrSummary(stderr: string): string {
  return linesOf(stderr).slice(-3).join('; ').slice(-500);
}

/** A report of a crash says first why. */
function crashSummary(stderr: string): string {
  const reasons = linesOf(stderr).filter((line) => crashReason.test(line));
  return reasons.slice(0, 3).join('; ').slice(0, 500);
}

function linesOf(stderr: string): string[] {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.+-]+ [0-9a-f]+ +-?\d+ /, '').trim())
    .filter((line) => line !== '');
  return [...new Set(lines)];
}

function codeOf(failed: FailedCommand): { code: ErrorCode; advice: string; retryable?: boolean } {
  const { exitCode, stderr } = failed;
  if (isCrash(failed)) return { code: 'CEPH_CRASHED', advice: 'the program crashed' };
  // A keyring that cannot be read ends in EINVAL or ENOENT by release; the text is the only certain sign.
  if (/unable to find a keyring|failed to load.*keyring|no keyring found|auth: unable/.test(stderr)) {
    return {
      code: 'CEPH_NO_KEYRING',
      advice: 'check the path and permissions of the keyring in the configuration',
    };
  }
  if (/did not load config file|unable to open config file/.test(stderr)) {
    return { code: 'CEPH_NO_CONFIG', advice: 'check the path of ceph.conf in the configuration' };
  }
  // `rbd rm` first moves the image to the trash; when there is no room for that, its exit code says that there is no image.
  if (noRoom.test(stderr)) return { code: 'CEPH_FULL', advice: fullAdvice };
  return (
    (exitCode === undefined ? undefined : codes[exitCode]) ?? {
      code: 'CEPH_COMMAND_FAILED',
      advice: 'see its words',
    }
  );
}

export function commandError(failed: FailedCommand): AppError {
  const { code, advice, retryable } = codeOf(failed);
  const ended =
    failed.signal === undefined ? `exit code ${failed.exitCode ?? 'unknown'}` : `signal ${failed.signal}`;
  const missing = missingOf(failed);
  const words = isCrash(failed) ? crashSummary(failed.stderr) : stderrSummary(failed.stderr);
  return new AppError(
    code,
    `${failed.program} ${failed.args.slice(0, 6).join(' ')} on cluster ${failed.cluster.name}: ${advice} (${ended}${words === '' ? '' : `: ${words}`})`,
    {
      cause: failed.cause,
      retryable: retryable ?? false,
      details: {
        program: failed.program,
        args: [...failed.args],
        exitCode: failed.exitCode,
        signal: failed.signal,
        ...(missing === undefined ? {} : { missing }),
      },
    },
  );
}
