import type { VNode } from 'preact';
import type { InstanceSummary, Protection } from '../api/types.ts';
import { t } from '../i18n/locale.ts';

interface ProtectionReasonProps {
  protection: Protection;
  lastPoint: InstanceSummary['last_point'];
}

/** Why something is not protected: the usual reasons in the reader's tongue, the others as the service says them. */
export function ProtectionReason({ protection, lastPoint }: ProtectionReasonProps): VNode {
  if (protection.policy === null)
    return <p class="hint reason">{t(lastPoint === null ? 'reason.nothing' : 'reason.noPolicy')}</p>;
  return (
    <p class="hint reason" lang="en">
      {protection.reason}
    </p>
  );
}
