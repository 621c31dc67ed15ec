import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, take } from '../api/client.ts';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { RadioCards } from '../ui/form.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { useAction } from '../ui/use-action.ts';
import { newIdempotencyKey } from './idempotency-key.ts';

const levels = ['quick', 'full', 'deep'] as const;

/** Asks how thoroughly a point is to be looked at, and follows the job that does. */
export function VerifyDialog({ pointId, onClose }: { pointId: string; onClose: () => void }): VNode {
  const { route } = useLocation();
  const [level, setLevel] = useState<(typeof levels)[number]>('full');
  const key = useRef(newIdempotencyKey());
  const { busy, error, run } = useAction(async () => {
    const { job } = await take(
      api.POST('/v1/verifications', {
        params: { header: { 'Idempotency-Key': key.current } },
        body: { target: { point: pointId }, level },
      }),
    );
    route(`/portal/jobs/${job.id}`);
  });
  return (
    <Dialog
      title={t('verify.title')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" busy={busy} onClick={run}>
            {t('verify.action')}
          </Button>
        </>
      }
    >
      <RadioCards
        label={t('verify.level')}
        value={level}
        options={levels.map((value) => ({
          value,
          label: t(`verifyLevel.${value}`),
          hint: t(`verifyLevel.${value}.hint`),
        }))}
        onChange={(value) => {
          setLevel(value);
          key.current = newIdempotencyKey();
        }}
      />
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
