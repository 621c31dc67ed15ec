import { AppError } from '../../base/errors.ts';
import { z } from './zod.ts';

export type RequestPart = 'path' | 'query' | 'body';

const codes = { path: 'INPUT_PATH', query: 'INPUT_QUERY', body: 'INPUT_BODY' } as const;

/** Parses one part of a request or throws an INPUT_* error that names every fault in it. */
export function validate<S extends z.ZodType>(part: RequestPart, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const issues = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: explain(issue, issue.path.length === 0 ? known : [], part),
  }));
  const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new AppError(codes[part], `${part === 'path' ? 'the path' : `the ${part}`} is not valid: ${text}`, {
    details: { issues },
  });
}

function explain(issue: z.core.$ZodIssue, known: string[], part: RequestPart): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const names = issue.keys.map((key) => JSON.stringify(key)).join(', ');
      const allowed = known.length > 0 ? `; known are ${known.join(', ')}` : '';
      return `unknown ${part === 'query' ? 'parameter' : 'key'} ${names}${allowed}`;
    }
    case 'invalid_type':
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${Number(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must be at most ${Number(issue.maximum)} characters long`
        : `must be at most ${Number(issue.maximum)}`;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  const names: Record<string, string> = { int: 'a whole number', record: 'an object', array: 'a list' };
  return names[expected] ?? (/^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`);
}
