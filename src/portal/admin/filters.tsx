import type { ComponentChildren, VNode } from 'preact';
import { Select } from '../ui/form.tsx';
import { useProjectNames } from './project-names.tsx';
import { ta } from './text.ts';

/** What narrows a list; its values live in the page's address. */
export function Filters({ children }: { children: ComponentChildren }): VNode {
  return (
    <div class="filters" role="group" aria-label={ta('filter.title')}>
      {children}
    </div>
  );
}

interface FilterProps {
  value: string;
  onChange: (value: string) => void;
}

/** One of the projects that Keystone names; an id of the address that it does not know stays to be seen. */
export function ProjectFilter({ value, onChange }: FilterProps): VNode {
  const names = useProjectNames();
  const known = [...names].map(([id, name]) => ({ value: id, label: name }));
  const unknown = value === '' || names.has(value) ? [] : [{ value, label: value }];
  return (
    <Select
      label={ta('column.project')}
      value={value}
      onChange={onChange}
      options={[{ value: '', label: ta('filter.all') }, ...known, ...unknown]}
    />
  );
}

const spans = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
type Span = keyof typeof spans;

/** The instant that a span of the filter begins at, ISO 8601; undefined for all time. */
export function sinceOf(span: string): string | undefined {
  const ms = Object.hasOwn(spans, span) ? spans[span as Span] : undefined;
  return ms === undefined ? undefined : new Date(Date.now() - ms).toISOString();
}

export function SinceFilter({ value, onChange }: FilterProps): VNode {
  return (
    <Select
      label={ta('filter.since')}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: ta('filter.always') },
        ...(['hour', 'day', 'week', 'month'] as const).map((span) => ({
          value: span,
          label: ta(`filter.${span}`),
        })),
      ]}
    />
  );
}
