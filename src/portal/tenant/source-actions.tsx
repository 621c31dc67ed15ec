import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { Button, LinkButton } from '../ui/button.tsx';

interface SourceActionsProps {
  lastPoint: { id: string } | null;
  onBackUp: () => void;
}

/** What may be done with an instance or a volume: the newest point restored, another one made. */
export function SourceActions({ lastPoint, onBackUp }: SourceActionsProps): VNode {
  return (
    <>
      {lastPoint !== null && (
        <LinkButton href={`/portal/points/${lastPoint.id}/restore`} icon="restore">
          {t('restore.newest')}
        </LinkButton>
      )}
      <Button look="primary" onClick={onBackUp}>
        {t('backup.now')}
      </Button>
    </>
  );
}
