/** Who may call a route, in words: what test/contract/access-matrix.test.ts holds true of every kind of route. */
import { accessCases, type Kind } from '../access-cases.ts';

interface Who {
  /** For a table. */
  short: string;
  text: string;
  /** Codes that refuse it, beside 401 and 400, which every route has. */
  refusals: readonly string[];
}

const who: Record<Kind, Who> = {
  list: {
    short: 'everybody, what they see',
    text: 'everybody with a role; each is shown what belongs to their project, administrators and readers of the system everything',
    refusals: ['NOTFOUND_RESOURCE'],
  },
  read: {
    short: 'readers',
    text: 'readers, members and administrators of the project; administrators and readers of the system everywhere',
    refusals: ['NOTFOUND_RESOURCE'],
  },
  change: {
    short: 'members',
    text: 'members and administrators of the project; cloud administrators everywhere',
    refusals: ['FORBIDDEN_ROLE', 'NOTFOUND_RESOURCE'],
  },
  approve: {
    short: 'administrators of the project',
    text: 'administrators of the project; cloud administrators everywhere',
    refusals: ['FORBIDDEN_ROLE', 'NOTFOUND_RESOURCE'],
  },
  govern: {
    short: 'cloud administrators',
    text: 'cloud administrators only; who may see the thing is told so, all others that it does not exist',
    refusals: ['FORBIDDEN_ROLE', 'NOTFOUND_RESOURCE'],
  },
  administer: {
    short: 'cloud administrators',
    text: 'cloud administrators only',
    refusals: ['FORBIDDEN_ROLE', 'NOTFOUND_RESOURCE'],
  },
  inspect: {
    short: 'who sees the whole cloud',
    text: 'cloud administrators, and readers of the system',
    refusals: ['FORBIDDEN_ROLE'],
  },
};

export function whoMay(operationId: string): Who {
  const access = accessCases[operationId];
  if (access === undefined) throw new Error(`${operationId} has no line in test/support/access-cases.ts`);
  return who[access.kind];
}
