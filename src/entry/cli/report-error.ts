import { describeError, toAppError, type AppError } from '../../base/errors.ts';
import { oneLine } from './human.ts';

/** One line that says what is wrong and what to do; with `debug` also where it came from. */
export function formatError(thrown: unknown, debug: boolean): string {
  const error = toAppError(thrown);
  const message = error.code === 'BUG_UNEXPECTED' ? `unexpected failure: ${error.message}` : error.message;
  const lines = [`emberkeep: ${oneLine(message)} (${[error.code, ...idsOf(error)].join(', ')})`];
  if (debug) lines.push(...causesOf(error));
  else if (error.code === 'BUG_UNEXPECTED') lines.push('Run it again with --debug and report what it says.');
  return `${lines.join('\n')}\n`;
}

function idsOf({ details }: AppError): string[] {
  return [details['requestId']].filter((id): id is string => typeof id === 'string' && id !== '');
}

function causesOf(error: AppError): string[] {
  const lines = [`  all of it: ${describeError(error)}`];
  if (Object.keys(error.details).length > 0) lines.push(`  details: ${JSON.stringify(error.details)}`);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    lines.push(...(cause.stack ?? cause.message).split('\n').map((line) => `  ${line}`));
  }
  return lines;
}
