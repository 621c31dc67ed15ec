import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select, TextField } from '../../ui/form.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { ProjectFilter } from '../filters.tsx';
import { useProjectNames } from '../project-names.tsx';
import type { Policy } from '../read.ts';
import { ta, word } from '../text.ts';
import { assignmentBodyOf, newAssignment, selectorKinds } from './assignment-form.ts';

interface AssignDialogProps {
  policy: Policy;
  onClose: () => void;
  onAssigned: () => void;
}

/** Which instances or images the policy is to protect. */
export function AssignDialog({ policy, onClose, onAssigned }: AssignDialogProps): VNode {
  const [form, setForm] = useState(newAssignment);
  const set = (change: Partial<typeof form>): void => setForm({ ...form, ...change });
  const body = assignmentBodyOf(form);
  const { busy, error, run } = useAction(async () => {
    if (body === undefined) return;
    const params = { path: { name_or_id: policy.id } };
    await take(api.POST('/v1/policies/{name_or_id}/assignments', { params, body }));
    toast(ta('assign.done', { name: policy.name }));
    onAssigned();
  });
  const { kind } = form;
  return (
    <Dialog
      title={ta('assign.title', { name: policy.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{ta('action.back')}</Button>
          <Button look="primary" busy={busy} disabled={body === undefined} onClick={run}>
            {ta('assign.assign')}
          </Button>
        </>
      }
    >
      <Select
        label={ta('assign.to')}
        value={kind}
        onChange={(chosen) => set({ kind: chosen })}
        options={selectorKinds.map((value) => ({ value, label: word('selector', value) }))}
      />
      {kind === 'project' && <ProjectChoice value={form.project} onChange={(project) => set({ project })} />}
      {kind === 'metadata' && (
        <div class="form-row">
          <TextField label={ta('assign.key')} value={form.key} onInput={(key) => set({ key })} />
          <TextField label={ta('assign.value')} value={form.value} onInput={(value) => set({ value })} />
        </div>
      )}
      {(kind === 'instance' || kind === 'tag' || kind === 'pool') && (
        <TextField
          label={ta(`assign.${kind}`)}
          value={form.name}
          required
          onInput={(name) => set({ name })}
        />
      )}
      {(kind === 'metadata' || kind === 'tag') && (
        <ProjectFilter value={form.within} onChange={(within) => set({ within })} />
      )}
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}

function ProjectChoice({ value, onChange }: { value: string; onChange: (id: string) => void }): VNode {
  const names = useProjectNames();
  return (
    <Select
      label={ta('column.project')}
      value={value}
      onChange={onChange}
      options={[
        { value: '', label: ta('assign.choose') },
        ...[...names].map(([id, name]) => ({ value: id, label: name })),
      ]}
    />
  );
}
