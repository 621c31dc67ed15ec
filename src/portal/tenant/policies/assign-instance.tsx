import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { api, take } from '../../api/client.ts';
import type { Policy } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/form.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { useQuery } from '../../ui/use-query.ts';
import { useSettled } from '../../ui/use-settled.ts';
import { readInstances } from '../read-instances.ts';

interface AssignInstanceProps {
  policy: Policy;
  onClose: () => void;
  onAssigned: () => void;
}

/** One instance of the project follows the policy from now on. */
export function AssignInstance({ policy, onClose, onAssigned }: AssignInstanceProps): VNode {
  const [text, setText] = useState('');
  const instance = text.trim();
  // Suggestions only: where they do not come, a name is typed all the same.
  const search = useSettled(instance);
  const { data: known = [] } = useQuery(`instances to suggest ${search}`, async (signal) => {
    const choice = { view: 'all', search, status: '', sort: 'name:asc' } as const;
    return (await readInstances(choice, undefined, signal)).items.map(({ name }) => name);
  });
  const { busy, error, run } = useAction(async () => {
    const params = { path: { name_or_id: policy.id }, header: {} };
    await take(api.POST('/v1/policies/{name_or_id}/assignments', { params, body: { instance } }));
    toast(t('policy.assigned', { policy: policy.name, name: instance }));
    onAssigned();
  });
  return (
    <Dialog
      title={t('policy.assignInstance.title', { policy: policy.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} disabled={instance === ''} onClick={run}>
            {t('policy.assign')}
          </Button>
        </>
      }
    >
      <TextField
        label={t('policy.assignInstance.field')}
        value={text}
        onInput={setText}
        suggestions={[...new Set(known)]}
        autoFocus
      />
      <p class="hint">{t('policy.assignInstance.what')}</p>
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
