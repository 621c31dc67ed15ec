import type { Job } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { targetName } from './job-target.ts';

/** What the service calls the target of a verification of more than one source. */
const everything = {
  'all points': 'target.all',
  'all points of the project': 'target.allOfProject',
} as const;

/** What a job works on, in the reader's tongue where that is more than a name. */
export function targetWords({ kind, target }: Pick<Job, 'kind' | 'target'>): string {
  const name = targetName({ target });
  return kind === 'verify' && isEverything(name) ? t(everything[name]) : name;
}

function isEverything(name: string): name is keyof typeof everything {
  return Object.hasOwn(everything, name);
}
