import type { Policy, PolicyAssignment } from '../read.ts';
import { ta, word } from '../text.ts';
import { keepFields } from './policy-form.ts';

export function scheduleText({ every, cron, time_zone: zone }: Policy['schedule']): string {
  if (every !== undefined) return ta('policy.everyText', { every });
  return `${cron ?? ''} ${zone ?? 'UTC'}`;
}

export function retentionText(retention: Policy['retention']): string {
  if (retention === null) return ta('policy.retentionNone');
  if (retention.cycles !== undefined) return ta('policy.cyclesText', { cycles: retention.cycles });
  const rules = keepFields
    .filter((field) => retention.keep?.[field] !== undefined)
    .map((field) => `${ta(`keep.${field}`)} ${String(retention.keep?.[field])}`);
  return rules.length === 0 ? ta('policy.retentionNone') : rules.join(', ');
}

/** What an assignment names, in words. */
export function selectorText(
  { kind, selector }: PolicyAssignment,
  projects: ReadonlyMap<string, string>,
): string {
  const text = (key: string): string => selector[key] ?? '';
  switch (kind) {
    case 'instance':
      return text('instance_id');
    case 'project':
      return projects.get(text('project_id')) ?? text('project_id');
    case 'metadata':
      return `${text('key')}=${text('value')}`;
    case 'tag':
      return text('tag');
    case 'pool':
      return `${text('cluster')}/${text('pool')}`;
    default:
      return word('selector', kind);
  }
}
