import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { api, take } from '../api/client.ts';
import type { Instance, Policy, PolicyAssignment } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';
import { Empty, ErrorBox, Loading } from '../ui/states.tsx';
import { toast } from '../ui/toast.tsx';
import { useAction } from '../ui/use-action.ts';
import { useQuery } from '../ui/use-query.ts';
import { PolicyFacts } from './policy-facts.tsx';

const limit = 1000;

/** The policy that an instance follows, why it does, and the choice of another one. */
export function PolicyTab({ instance, onChanged }: { instance: Instance; onChanged: () => void }): VNode {
  const current = instance.protection.policy;
  const policies = useQuery('policies', async (signal) => {
    return (await take(api.GET('/v1/policies', { params: { query: { limit } }, signal }))).policies;
  });
  const assignments = useQuery(
    `assignments ${current ?? ''}`,
    async (signal) => {
      const params = { path: { name_or_id: current ?? '' }, query: { limit } };
      return (await take(api.GET('/v1/policies/{name_or_id}/assignments', { params, signal }))).assignments;
    },
    { skip: current === null },
  );
  const error = policies.error ?? assignments.error;
  if (error !== undefined) return <ErrorBox error={error} onRetry={policies.reload} />;
  if (policies.data === undefined) return <Loading lines={5} />;
  const policy = policies.data.find(({ name }) => name === current);
  const own = assignments.data?.find(
    ({ kind, selector }) => kind === 'instance' && selector['instance_id'] === instance.id,
  );
  const changed = (): void => {
    assignments.reload();
    onChanged();
  };
  return (
    <>
      <Card title={current === null ? t('policy.none') : t('policy.follows', { name: current })}>
        {current === null && <p>{t('policy.none.help')}</p>}
        {policy !== undefined && <PolicyFacts policy={policy} />}
        {current !== null && assignments.data !== undefined && (
          <WhyAssigned policy={current} own={own} onChanged={changed} />
        )}
      </Card>
      {currentSession()?.rights.change === true && (
        <PolicyChoice instance={instance} policies={policies.data} onChanged={changed} />
      )}
    </>
  );
}

interface WhyAssignedProps {
  policy: string;
  /** The assignment that names the instance itself; undefined when it follows its project, tags or metadata. */
  own: PolicyAssignment | undefined;
  onChanged: () => void;
}

function WhyAssigned({ policy, own, onChanged }: WhyAssignedProps): VNode {
  const { busy, error, run } = useAction(async () => {
    if (own === undefined) return;
    const path = { name_or_id: policy, assignment_id: own.id };
    await take(api.DELETE('/v1/policies/{name_or_id}/assignments/{assignment_id}', { params: { path } }));
    toast(t('policy.unassigned'));
    onChanged();
  });
  if (own === undefined) return <p class="hint">{t('policy.why.wider')}</p>;
  if (own.by_admin && currentSession()?.rights.administer !== true)
    return <p class="hint">{t('policy.why.admin')}</p>;
  return (
    <>
      <p class="hint">{t('policy.why.own')}</p>
      {error !== undefined && <ErrorBox error={error} />}
      {currentSession()?.rights.change === true && (
        <Button busy={busy} onClick={run}>
          {t('policy.unassign')}
        </Button>
      )}
    </>
  );
}

interface PolicyChoiceProps {
  instance: Instance;
  policies: readonly Policy[];
  onChanged: () => void;
}

function PolicyChoice({ instance, policies, onChanged }: PolicyChoiceProps): VNode {
  const isAdmin = currentSession()?.rights.administer === true;
  const offered = policies.filter(({ published, enabled }) => enabled && (published || isAdmin));
  const [chosenName, setChosen] = useState('');
  const chosen = offered.find(({ name }) => name === chosenName);
  const { busy, error, run } = useAction(async () => {
    if (chosen === undefined) return;
    const params = { path: { name_or_id: chosen.id }, header: {} };
    await take(
      api.POST('/v1/policies/{name_or_id}/assignments', { params, body: { instance: instance.id } }),
    );
    toast(t('policy.assigned', { policy: chosen.name, name: instance.name }));
    setChosen('');
    onChanged();
  });
  return (
    <Card title={t('policy.choose')}>
      {offered.length === 0 ? (
        <Empty title={t('policy.nonePublished')} />
      ) : (
        <>
          <Select
            label={t('column.policy')}
            value={chosenName}
            options={[
              { value: '', label: t('policy.pick') },
              ...offered.map(({ name }) => ({ value: name, label: name })),
            ]}
            onChange={setChosen}
          />
          {chosen !== undefined && <PolicyFacts policy={chosen} />}
          {error !== undefined && <ErrorBox error={error} />}
          <Button look="primary" busy={busy} disabled={chosen === undefined} onClick={run}>
            {t('policy.assign')}
          </Button>
        </>
      )}
    </Card>
  );
}
