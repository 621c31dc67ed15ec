import type { VNode } from 'preact';
import type { Protection } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { said } from '../ui/said.tsx';
import { Badge, type Tone } from '../ui/badge.tsx';

const tones: Record<Protection['state'], Tone> = { protected: 'good', stale: 'warn', unprotected: 'bad' };

/** Whether something could be brought back today; null for what is gone from the cloud. */
export function ProtectionBadge({ protection }: { protection: Protection | null }): VNode {
  if (protection === null) return <Badge tone="idle">{t('protection.gone')}</Badge>;
  return (
    <Badge tone={tones[protection.state]} title={reasonOf(protection)}>
      {t(`protection.${protection.state}`)}
    </Badge>
  );
}

function reasonOf({ code, params, reason }: Protection): string {
  return said({ kind: 'protection', code, params, english: reason });
}
