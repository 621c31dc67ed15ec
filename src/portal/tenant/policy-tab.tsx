import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
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

const takeOverMs = 5000;
const takenOverMs = 60_000;

interface Assigned {
  policies: Policy[];
  /** What names this instance itself, and the policy that it assigns. */
  own: { policy: Policy; assignment: PolicyAssignment } | undefined;
}

async function readAssigned(instanceId: string, signal: AbortSignal): Promise<Assigned> {
  const { policies } = await take(api.GET('/v1/policies', { params: { query: { limit } }, signal }));
  const found = await Promise.all(policies.map((policy) => ownAssignment(policy, instanceId, signal)));
  return { policies, own: found.find((one) => one !== undefined) };
}

async function ownAssignment(
  policy: Policy,
  instanceId: string,
  signal: AbortSignal,
): Promise<Assigned['own']> {
  const params = { path: { name_or_id: policy.id }, query: { limit } };
  const { assignments } = await take(api.GET('/v1/policies/{name_or_id}/assignments', { params, signal }));
  const assignment = assignments.find(
    ({ kind, selector }) => kind === 'instance' && selector['instance_id'] === instanceId,
  );
  return assignment && { policy, assignment };
}

interface PolicyTabProps {
  instance: Instance;
  onChanged: () => void;
}

/** The policy that an instance follows, why it does, and the choice of another one. */
export function PolicyTab({ instance, onChanged }: PolicyTabProps): VNode {
  const { data, error, reload } = useQuery(`policies of ${instance.id}`, (signal) =>
    readAssigned(instance.id, signal),
  );
  if (data === undefined)
    return error === undefined ? <Loading lines={5} /> : <ErrorBox error={error} onRetry={reload} />;
  const changed = (): void => {
    reload();
    onChanged();
  };
  return (
    <>
      <CurrentPolicy instance={instance} assigned={data} onChanged={changed} onRefresh={onChanged} />
      {currentSession()?.rights.change === true && (
        <PolicyChoice instance={instance} policies={data.policies} onChanged={changed} />
      )}
    </>
  );
}

interface CurrentPolicyProps extends PolicyTabProps {
  assigned: Assigned;
  /** Reads the instance again. */
  onRefresh: () => void;
}

function CurrentPolicy({ instance, assigned, onChanged, onRefresh }: CurrentPolicyProps): VNode {
  const { policies, own } = assigned;
  const current = instance.protection.policy;
  const [gone, setGone] = useState<string | undefined>(undefined);
  // The scheduler takes a change over within a minute; until then the instance itself says nothing of it.
  const isComing = own !== undefined && own.policy.name !== current;
  const isLeaving = own === undefined && current !== null && current === gone;
  useTakeOver(isComing || isLeaving, onRefresh, () => setGone(undefined));
  const followed = isLeaving ? undefined : policies.find(({ name }) => name === current);
  const policy = own?.policy ?? followed;
  if (policy === undefined) {
    return (
      <Card title={t('policy.none')}>
        <p>{t('policy.none.help')}</p>
      </Card>
    );
  }
  return (
    <Card title={t('policy.follows', { name: policy.name })}>
      <PolicyFacts policy={policy} />
      {isComing && <p role="status">{t('policy.coming')}</p>}
      <WhyAssigned
        policy={policy.id}
        own={own?.assignment}
        onChanged={onChanged}
        onGone={() => setGone(policy.name)}
      />
    </Card>
  );
}

/** Looks often for a change that the scheduler is about to take over, and gives up after a minute. */
function useTakeOver(isWaiting: boolean, refresh: () => void, giveUp: () => void): void {
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(refresh, takeOverMs);
    // By then the same policy reaches the instance in another way, such as through its project.
    const patience = setTimeout(giveUp, takenOverMs);
    return () => {
      clearInterval(timer);
      clearTimeout(patience);
    };
  }, [isWaiting]);
}

interface WhyAssignedProps {
  /** Id of the policy. */
  policy: string;
  /** The assignment that names the instance itself; undefined when it follows its project, tags or metadata. */
  own: PolicyAssignment | undefined;
  onChanged: () => void;
  /** The assignment has been taken away. */
  onGone: () => void;
}

function WhyAssigned({ policy, own, onChanged, onGone }: WhyAssignedProps): VNode {
  const { busy, error, run } = useAction(async () => {
    if (own === undefined) return;
    const path = { name_or_id: policy, assignment_id: own.id };
    await take(api.DELETE('/v1/policies/{name_or_id}/assignments/{assignment_id}', { params: { path } }));
    toast(t('policy.unassigned'));
    onGone();
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
