import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { RestorePlan, RestoreRequest } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { useAction } from '../ui/use-action.ts';
import { useQuery } from '../ui/use-query.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { isDestructive } from './plan-words.ts';
import { PlanView } from './plan-view.tsx';

interface PlanSectionProps {
  /** The request as JSON; `null` while no disk is chosen. */
  requestText: string;
  /** The request is the one that the form shows now. */
  isSettled: boolean;
  needsApproval: boolean;
  diskName: (key: string) => string;
}

/** What the request would do, and the button that makes it. */
export function PlanSection({ requestText, isSettled, needsApproval, diskName }: PlanSectionProps): VNode {
  const request = JSON.parse(requestText) as RestoreRequest | null;
  const plan = useQuery(
    `plan ${requestText}`,
    async (signal) => {
      if (request === null) throw new Error('no disk is chosen');
      return (await take(api.POST('/v1/restore-plans', { body: request, signal }))).restore_plan;
    },
    { skip: request === null },
  );
  if (request === null) {
    return (
      <Card title={t('wizard.plan')}>
        <p>{t('wizard.disks.none')}</p>
      </Card>
    );
  }
  return (
    <>
      <Card
        title={t('wizard.plan')}
        actions={
          <Button look="quiet" icon="restore" onClick={plan.reload} busy={plan.loading}>
            {t('plan.again')}
          </Button>
        }
      >
        <div aria-live="polite">
          {plan.error !== undefined && <ErrorBox error={plan.error} onRetry={plan.reload} />}
          {plan.data === undefined && plan.error === undefined && <Loading lines={5} />}
          {plan.data !== undefined && <PlanView plan={plan.data} diskName={diskName} />}
        </div>
      </Card>
      {plan.data?.possible === true && (
        <Confirm
          key={requestText}
          request={request}
          plan={plan.data}
          ready={isSettled && plan.error === undefined}
          needsApproval={needsApproval}
        />
      )}
    </>
  );
}

interface ConfirmProps {
  request: RestoreRequest;
  plan: RestorePlan;
  ready: boolean;
  needsApproval: boolean;
}

function Confirm({ request, plan, ready, needsApproval }: ConfirmProps): VNode {
  const { route } = useLocation();
  const [typed, setTyped] = useState('');
  // The same request keeps its key: sent again after a lost answer, it is not done twice.
  const key = useMemo(newIdempotencyKey, []);
  const destroys = isDestructive(plan.mode);
  const isConfirmed = !destroys || typed.trim() === plan.source_name;
  const { busy, error, run } = useAction(async () => {
    const { restore } = await take(
      api.POST('/v1/restores', { params: { header: { 'Idempotency-Key': key } }, body: request }),
    );
    route(`/portal/restores/${restore.id}`);
  });
  return (
    <Card title={t('wizard.confirm')}>
      <form
        class="confirm"
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed && ready) run();
        }}
      >
        {needsApproval && <p>{t('wizard.approval')}</p>}
        {destroys && (
          <TextField
            label={t('wizard.type', { name: plan.source_name })}
            hint={t('wizard.type.hint')}
            value={typed}
            onInput={setTyped}
          />
        )}
        {error !== undefined && <ErrorBox error={error} />}
        <Button
          type="submit"
          look={destroys ? 'danger' : 'primary'}
          busy={busy}
          disabled={!isConfirmed || !ready}
        >
          {t(needsApproval ? 'wizard.request' : 'wizard.run')}
        </Button>
      </form>
    </Card>
  );
}
