import { pino, type DestinationStream, type Logger } from 'pino';

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Standard error by default: standard output belongs to the command line's results. */
  destination?: DestinationStream;
}

/** Header and field names under which a secret could come along; their values never reach a log (I10). */
const secretPaths = [
  '*["x-auth-token"]',
  '*["x-subject-token"]',
  'req.headers["x-auth-token"]',
  'req.headers.authorization',
  'req.headers.cookie',
  '*.password',
  '*.secret',
  '*.token',
];

/** JSON lines with the time in UTC. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '***' },
    },
    destination ?? pino.destination({ dest: 2, sync: false }),
  );
}
