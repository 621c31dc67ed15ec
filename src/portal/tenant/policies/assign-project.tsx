import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import type { Policy } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';

interface AssignProjectProps {
  policy: Policy;
  onClose: () => void;
  onAssigned: () => void;
}

/** Everything of the project follows the policy that has no closer one: asked before it is done. */
export function AssignProject({ policy, onClose, onAssigned }: AssignProjectProps): VNode | null {
  const scope = currentSession()?.scope;
  const { busy, error, run } = useAction(async () => {
    if (scope?.type !== 'project') return;
    const params = { path: { name_or_id: policy.id }, header: {} };
    const body = { project: scope.project.id };
    await take(api.POST('/v1/policies/{name_or_id}/assignments', { params, body }));
    toast(t('policy.assignProject.done', { policy: policy.name }));
    onAssigned();
  });
  if (scope?.type !== 'project') return null;
  return (
    <Dialog
      title={t('policy.assignProject.title', { policy: policy.name, project: scope.project.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} onClick={run}>
            {t('policy.assign')}
          </Button>
        </>
      }
    >
      <p>{t('policy.assignProject.what')}</p>
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
