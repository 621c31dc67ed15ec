import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, take } from '../api/client.ts';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Checkbox, RadioCards } from '../ui/form.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { useAction } from '../ui/use-action.ts';
import { newIdempotencyKey } from './idempotency-key.ts';

export interface BackupTarget {
  kind: 'instance' | 'volume';
  id: string;
  name: string;
}

/** Asks how to back something up now, and follows the job that does. */
export function BackupDialog({ target, onClose }: { target: BackupTarget; onClose: () => void }): VNode {
  const { route } = useLocation();
  const [consistency, setConsistency] = useState<'crash' | 'paused'>('crash');
  const [full, setFull] = useState(false);
  const key = useRef(newIdempotencyKey());
  const { busy, error, run, forget } = useAction(async () => {
    const { jobs } = await take(
      api.POST('/v1/backups', {
        params: { header: { 'Idempotency-Key': key.current } },
        body: {
          target: target.kind === 'instance' ? { instance: target.id } : { volume: target.id },
          full,
          consistency,
        },
      }),
    );
    toast(t('backup.begun', { name: target.name }));
    onClose();
    const [job] = jobs;
    if (job !== undefined) route(`/portal/jobs/${job.id}`);
  });
  /** Another choice is another request. */
  const change = (act: () => void): void => {
    act();
    key.current = newIdempotencyKey();
    forget();
  };
  return (
    <Dialog
      title={t('backup.ofNow', { name: target.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} onClick={run}>
            {t('backup.now')}
          </Button>
        </>
      }
    >
      {target.kind === 'instance' && (
        <RadioCards
          label={t('backup.consistency')}
          value={consistency}
          options={(['crash', 'paused'] as const).map((value) => ({
            value,
            label: t(`consistency.${value}`),
            hint: t(`consistency.${value}.hint`),
          }))}
          onChange={(value) => change(() => setConsistency(value))}
        />
      )}
      <Checkbox checked={full} onChange={(value) => change(() => setFull(value))}>
        {t('backup.full')}
        <span class="hint"> {t('backup.full.hint')}</span>
      </Checkbox>
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
