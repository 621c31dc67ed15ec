import type { VNode } from 'preact';
import type { Job } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Card } from '../ui/page.tsx';
import { Said } from '../ui/said.tsx';
import { verifyFindings, type PointFinding } from './verify-findings.ts';

/** What a verification found; nothing for other jobs, and before its end. */
export function VerifyResult({ job }: { job: Job }): VNode | null {
  const found = verifyFindings(job);
  if (found === undefined) return null;
  const { intact, damaged, unverified } = found;
  return (
    <Card title={t('verify.found')}>
      {damaged.length > 0 && (
        <div class="banner warn" role="alert">
          {t.count('verify.damaged', damaged.length)}
        </div>
      )}
      {intact > 0 && <p>{t.count('verify.intact', intact)}</p>}
      <Findings findings={damaged} />
      {unverified.length > 0 && <p>{t.count('verify.unverified', unverified.length)}</p>}
      <Findings findings={unverified} />
    </Card>
  );
}

function Findings({ findings }: { findings: readonly PointFinding[] }): VNode | null {
  if (findings.length === 0) return null;
  return (
    <ul class="problems">
      {findings.map(({ pointId, reason, code, params }) => (
        <li key={pointId}>
          <p>
            <Said kind="damage" code={code} params={params} english={reason} />
          </p>
          <a href={`/portal/points/${pointId}`}>{t('job.point')}</a>
        </li>
      ))}
    </ul>
  );
}
