import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, take } from '../api/client.ts';
import type { Restore } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useAction } from '../ui/use-action.ts';
import { newIdempotencyKey } from './idempotency-key.ts';

interface UndoCardProps {
  restore: Restore;
  /** Of the instance or volume: typed before what was written since is given up. */
  name: string;
  onAsked: () => void;
}

/** The way back, while there is one. */
export function UndoCard({ restore, name, onAsked }: UndoCardProps): VNode {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const key = useMemo(newIdempotencyKey, [restore.id]);
  const { busy, error, run } = useAction(async () => {
    await take(
      api.POST('/v1/restores/{id}/undo', {
        params: { path: { id: restore.id }, header: { 'Idempotency-Key': key } },
      }),
    );
    setAsking(false);
    onAsked();
  });
  const isConfirmed = name !== '' && typed.trim() === name;
  return (
    <Card title={t('undo.title')}>
      <p>
        {t('undo.until')}{' '}
        {restore.undo_until !== null && (
          <>
            <Time at={restore.undo_until} absolute /> (<Time at={restore.undo_until} />)
          </>
        )}
      </p>
      <Button look="danger" icon="restore" onClick={() => setAsking(true)}>
        {t('undo.action')}
      </Button>
      {asking && (
        <Dialog
          title={t('undo.title')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('action.cancel')}</Button>
              <Button look="danger" busy={busy} disabled={!isConfirmed} onClick={run}>
                {t('undo.action')}
              </Button>
            </>
          }
        >
          <p>{t(`undo.what.${restore.mode === 'replace' ? 'replace' : 'in-place'}`)}</p>
          <p>
            <strong>{t('undo.lost')}</strong>
          </p>
          <TextField label={t('wizard.type', { name })} value={typed} onInput={setTyped} />
          {error !== undefined && <ErrorBox error={error} />}
        </Dialog>
      )}
    </Card>
  );
}
