/** The parts of the configuration that say how the service is operated. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../base/errors.ts';

const address = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/i;

export const databaseSchema = z
  .strictObject({
    url: z
      .string()
      .optional()
      .describe('postgresql://...; by default the service starts a PostgreSQL of its own'),
    url_file: z.string().optional().describe('file that holds the URL alone, instead of url'),
    password_file: z
      .string()
      .optional()
      .describe('file that holds the password alone, for a URL that has none'),
  })
  .refine(({ url, url_file }) => url === undefined || url_file === undefined, {
    error: 'has both url and url_file; set one of them',
  })
  .refine(
    ({ url, url_file, password_file }) =>
      password_file === undefined || url !== undefined || url_file !== undefined,
    { error: 'has a password_file but neither url nor url_file; set one of them' },
  );

export const keystoneSchema = z.strictObject({
  cloud: z
    .string()
    .optional()
    .describe("the service user's entry in clouds.yaml; by default OS_* and OS_CLOUD"),
  password_file: z
    .string()
    .optional()
    .describe("file that holds the service user's password alone, instead of clouds.yaml or OS_PASSWORD"),
});

export const monitoringSchema = z.strictObject({
  listen: z
    .string()
    .regex(address, 'must be HOST:PORT')
    .optional()
    .describe('address of /metrics and of the health checks, without a token; by default there is none'),
  sources: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('instances, volumes and images that get metrics of their own: those with the oldest points'),
  grace_minutes: z
    .int()
    .min(0)
    .max(10_080)
    .default(60)
    .describe(
      'how long after a run of a policy is due its point counts as missed, minutes; the spread comes on top',
    ),
});

/** Monitoring and what takes up the work of failed jobs look back a week. */
const leastJobDays = 14;
const orForEver = (least: number): z.ZodInt =>
  z
    .int()
    .max(36_500)
    .refine((days) => days === 0 || days >= least, `must be 0 or at least ${least}`);

export const historySchema = z.strictObject({
  jobs_days: orForEver(leastJobDays)
    .default(90)
    .describe(
      'how long jobs and their events stay after their end, days; 0: for ever; the newest of each source and kind stays',
    ),
  points_days: orForEver(1)
    .default(90)
    .describe('how long the rows of deleted points stay, days; 0: for ever'),
  restores_days: orForEver(leastJobDays)
    .default(365)
    .describe('how long restores stay after their end, with their jobs and points, days; 0: for ever'),
});

export const shutdownSchema = z.strictObject({
  notice_seconds: z
    .int()
    .min(0)
    .max(300)
    .default(0)
    .describe('how long the service goes on as before once /readyz says that it ends, seconds'),
  jobs_seconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(10)
    .describe('how long running jobs get after that, seconds; what still runs goes on in another worker'),
});

/** The URL in effect, with what its files hold; undefined: a database of the service's own. Throws INPUT_CONFIG. */
export function databaseUrlOf(database: z.infer<typeof databaseSchema>): string | undefined {
  const url =
    database.url_file === undefined ? database.url : readSecretFile('database.url_file', database.url_file);
  if (url === undefined || database.password_file === undefined) return url;
  const password = readSecretFile('database.password_file', database.password_file);
  // What is no URL is told by whoever connects, without its text (I10).
  if (!URL.canParse(url)) return url;
  const complete = new URL(url);
  if (complete.hostname === '' || complete.username === '')
    throw new AppError('INPUT_CONFIG', 'database.password_file: the URL must name a user and a host');
  complete.password = encodeURIComponent(password);
  return complete.href;
}

/** What the file holds, without the end of its last line. Its text reaches no message (I10). Throws INPUT_CONFIG. */
export function readSecretFile(key: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new AppError(
      'INPUT_CONFIG',
      `${key}: ${path} cannot be read (${code}); check path and permissions`,
      {
        cause: error,
      },
    );
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new AppError('INPUT_CONFIG', `${key}: ${path} is empty; write the secret into it`);
}
