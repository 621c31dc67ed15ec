import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import type { Policy } from '../../api/types.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/form.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { Card, Page } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useQuery } from '../../ui/use-query.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { PolicyFacts } from '../policy-facts.tsx';
import { AssignInstance } from './assign-instance.tsx';
import { AssignProject } from './assign-project.tsx';
import { Assignments } from './assignments.tsx';
import { PolicyState } from './policies-page.tsx';
import { assignmentSorts, readAssignments, readPolicy, readSources, sourceSorts } from './read-policies.ts';
import { Sources } from './sources.tsx';

const refreshMs = 15_000;
const assignmentKinds = ['instance', 'project', 'metadata', 'tag', 'pool'] as const;
const reaches = ['instance', 'choice', 'metadata', 'tag', 'project'] as const;
const lastStates = ['running', 'succeeded', 'failed', 'cancelled'] as const;

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
  const [kind, setKind] = useQueryState('kind');
  const [through, setThrough] = useQueryState('through');
  const [last, setLast] = useQueryState('last');
  const order = useSorting(assignmentSorts, 'assignment_sort');
  const sourceOrder = useSorting(sourceSorts);
  const assignments = usePages(
    `assignments of ${policy.id} ${kind} ${order.sort ?? ''}`,
    (marker, signal) =>
      readAssignments(policy.id, { kind: oneOf(kind, assignmentKinds), sort: order.sort }, marker, signal),
    refreshMs,
  );
  const choice = {
    reached_by: oneOf(through, reaches),
    last_state: oneOf(last, lastStates),
    sort: sourceOrder.sort,
  };
  const sources = usePages(
    `sources of ${policy.id} ${through} ${last} ${choice.sort ?? ''}`,
    (marker, signal) => readSources(policy.id, choice, marker, signal),
    refreshMs,
  );
  const wholeProject = useQuery(`project's assignment of ${policy.id}`, (signal) =>
    readAssignments(policy.id, { kind: 'project', sort: undefined }, undefined, signal),
  );
  const names = useRef(new Map<string, string>());
  for (const { source_id: id, source_name: name } of sources.items ?? []) names.current.set(id, name);
  const changed = (): void => {
    setAsking(undefined);
    assignments.reload();
    wholeProject.reload();
    sources.reload();
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
        <div class="filters">
          <Select
            label={t('column.through')}
            value={choice.reached_by ?? ''}
            options={[
              { value: '', label: t('filter.all') },
              ...reaches.map((value) => ({ value, label: t(`through.${value}`) })),
            ]}
            onChange={setThrough}
          />
          <Select
            label={t('column.lastRun')}
            value={choice.last_state ?? ''}
            options={[
              { value: '', label: t('filter.all') },
              ...lastStates.map((value) => ({ value, label: t(`run.${value}`) })),
            ]}
            onChange={setLast}
          />
        </div>
        <Sources
          pages={sources}
          sorting={sourceOrder.sorting}
          filtered={choice.reached_by !== undefined || choice.last_state !== undefined}
        />
      </Card>
      <Card title={t('assignments.title')}>
        <div class="filters">
          <Select
            label={t('assignment.to')}
            value={oneOf(kind, assignmentKinds) ?? ''}
            options={[
              { value: '', label: t('filter.all') },
              ...assignmentKinds.map((value) => ({ value, label: t(`assignment.kind.${value}`) })),
            ]}
            onChange={setKind}
          />
        </div>
        <Assignments
          policy={policy}
          pages={assignments}
          sorting={order.sorting}
          filtered={oneOf(kind, assignmentKinds) !== undefined}
          names={names.current}
          onChanged={changed}
        />
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
