import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { useAction } from '../ui/use-action.ts';

interface CancelButtonProps {
  /** What happens to it, in a sentence. */
  what: string;
  cancel: () => Promise<void>;
}

/** Stops something after asking once. */
export function CancelButton({ what, cancel }: CancelButtonProps): VNode {
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useAction(async () => {
    await cancel();
    setAsking(false);
    toast(t('job.cancelAsked'));
  });
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {t('job.cancel')}
      </Button>
      {asking && (
        <Dialog
          title={t('job.cancel')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('job.goOn')}</Button>
              <Button look="danger" busy={busy} onClick={run}>
                {t('job.cancel')}
              </Button>
            </>
          }
        >
          <p>{what}</p>
          {error !== undefined && <ErrorBox error={error} />}
        </Dialog>
      )}
    </>
  );
}
