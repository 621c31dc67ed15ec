import type { VNode } from 'preact';
import type { InstanceSummary, Protection } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Said } from '../ui/said.tsx';

interface ProtectionReasonProps {
  protection: Protection;
  lastPoint: InstanceSummary['last_point'];
}

/** Why something is not protected. */
export function ProtectionReason({ protection, lastPoint }: ProtectionReasonProps): VNode {
  if (protection.policy === null)
    return <p class="hint reason">{t(lastPoint === null ? 'reason.nothing' : 'reason.noPolicy')}</p>;
  return (
    <p class="hint reason">
      <Said kind="protection" code={protection.code} params={protection.params} english={protection.reason} />
    </p>
  );
}
