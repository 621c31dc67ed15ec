/** What a policy is to be assigned to, as a form has it and as the API takes it. Pure. */
import type { components } from '../../api/schema.d.ts';

type AssignmentBody = components['schemas']['PolicyAssignmentRequest'];

export const selectorKinds = ['instance', 'project', 'metadata', 'tag', 'pool'] as const;

export interface AssignmentForm {
  kind: (typeof selectorKinds)[number];
  /** Of an instance, a tag or a pool. */
  name: string;
  project: string;
  key: string;
  value: string;
  /** The project that metadata or a tag count in; empty: everywhere. */
  within: string;
}

export const newAssignment: AssignmentForm = {
  kind: 'project',
  name: '',
  project: '',
  key: '',
  value: '',
  within: '',
};

/** undefined while something is missing. */
export function assignmentBodyOf(form: AssignmentForm): AssignmentBody | undefined {
  const name = form.name.trim();
  const within = form.within === '' ? {} : { project_id: form.within };
  switch (form.kind) {
    case 'project':
      return form.project === '' ? undefined : { project: form.project };
    case 'metadata':
      return form.key.trim() === ''
        ? undefined
        : { metadata: { key: form.key.trim(), value: form.value }, ...within };
    case 'tag':
      return name === '' ? undefined : { tag: name, ...within };
    case 'instance':
      return name === '' ? undefined : { instance: name };
    case 'pool':
      return name === '' ? undefined : { pool: name };
  }
}
