import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import type { Policy } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { useQuery } from '../../ui/use-query.ts';
import { PolicyFacts } from '../policy-facts.tsx';
import { AssignInstance } from './assign-instance.tsx';
import { AssignProject } from './assign-project.tsx';
import { Assignments, useAssignments } from './assignments.tsx';
import { PolicyState } from './policies-page.tsx';
import { readAssignments, readPolicy } from './read-policies.ts';
import { Sources, useSources } from './sources.tsx';

/** One policy: what it does, what of the project follows it and why, and the choice of it. */
export function PolicyPage(): VNode {
  const { params } = useRoute();
  const name = params['name'] ?? '';
  const { data, error, reload } = useQuery(`policy ${name}`, (signal) => readPolicy(name, signal));
  if (data !== undefined) return <PolicyView policy={data} />;
  return (
    <Page title={t('policy.title')} crumbs={crumbs()}>
      {error === undefined ? <Loading lines={8} /> : <ErrorBox error={error} onRetry={reload} />}
    </Page>
  );
}

function crumbs(): { title: string; href: string }[] {
  return [{ title: t('policies.title'), href: '/portal/policies' }];
}

function PolicyView({ policy }: { policy: Policy }): VNode {
  const [asking, setAsking] = useState<'instance' | 'project' | undefined>(undefined);
  const assignments = useAssignments(policy);
  const sources = useSources(policy);
  const wholeProject = useQuery(`project's assignment of ${policy.id}`, (signal) =>
    readAssignments(policy.id, { kind: 'project', sort: undefined }, undefined, signal),
  );
  const names = useRef(new Map<string, string>());
  for (const { source_id: id, source_name: name } of sources.pages.items ?? []) names.current.set(id, name);
  const changed = (): void => {
    setAsking(undefined);
    assignments.pages.reload();
    wholeProject.reload();
    sources.pages.reload();
  };
  const close = (): void => setAsking(undefined);
  return (
    <Page
      title={policy.name}
      crumbs={crumbs()}
      aside={<PolicyState policy={policy} />}
      actions={
        mayAssign(policy) && (
          <>
            <Button look="primary" onClick={() => setAsking('instance')}>
              {t('policy.assignInstance')}
            </Button>
            {wholeProject.data?.items.length === 0 && (
              <Button onClick={() => setAsking('project')}>{t('policy.assignProject')}</Button>
            )}
          </>
        )
      }
    >
      <Card>
        <PolicyFacts policy={policy} />
        {!policy.enabled && <p>{t('policy.disabled.help')}</p>}
        {!policy.published && <p class="hint">{t('policy.unpublished')}</p>}
        {currentSession()?.rights.change !== true && <p class="hint">{t('policies.who.read')}</p>}
      </Card>
      <Card title={t('sources.title')}>
        <Sources list={sources} />
      </Card>
      <Card title={t('assignments.title')}>
        <Assignments policy={policy} list={assignments} names={names.current} onChanged={changed} />
      </Card>
      {asking === 'instance' && <AssignInstance policy={policy} onClose={close} onAssigned={changed} />}
      {asking === 'project' && <AssignProject policy={policy} onClose={close} onAssigned={changed} />}
    </Page>
  );
}

/** As the API allows it: members what is published, administrators everything. */
function mayAssign({ published }: Policy): boolean {
  const rights = currentSession()?.rights;
  return rights?.change === true && (published || rights.administer);
}
