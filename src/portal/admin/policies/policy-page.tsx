import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Checkbox } from '../../ui/form.tsx';
import { Card, Page, Tabs } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useQuery } from '../../ui/use-query.ts';
import { oneOf } from '../../ui/one-of.ts';
import { at, type Policy } from '../read.ts';
import { ta } from '../text.ts';
import { Assignments } from './assignments.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { bodyOf, formOf } from './policy-form.ts';
import { Simulation } from './simulation.tsx';
import { Sources } from './sources.tsx';

const tabs = ['simulation', 'sources', 'assignments', 'settings'] as const;

export function PolicyPage({ name }: { name: string }): VNode {
  const [tabText] = useQueryState('tab');
  const tab = oneOf(tabText, tabs) ?? 'simulation';
  const { data, error, reload } = useQuery(
    `admin/policy/${name}`,
    async (signal) =>
      (
        await take(
          api.GET('/v1/policies/{name_or_id}', { params: { path: { name_or_id: name } }, ...at(signal) }),
        )
      ).policy,
  );
  const here = `/portal/admin/policies/${encodeURIComponent(name)}`;
  return (
    <Page
      title={data?.name ?? name}
      crumbs={[{ title: ta('policies.title'), href: '/portal/admin/policies' }]}
      actions={data && currentSession()?.rights.administer === true && <DeleteButton policy={data} />}
    >
      <Tabs
        label={ta('policies.parts')}
        current={tab}
        tabs={tabs.map((id) => ({ id, title: ta(`policies.${id}`), href: `${here}?tab=${id}` }))}
      />
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <Part tab={tab} policy={data} onSaved={reload} />}
    </Page>
  );
}

interface PartProps {
  tab: (typeof tabs)[number];
  policy: Policy;
  onSaved: () => void;
}

function Part({ tab, policy, onSaved }: PartProps): VNode {
  switch (tab) {
    case 'simulation':
      return <Simulation policy={policy} />;
    case 'sources':
      return <Sources policy={policy} />;
    case 'assignments':
      return <Assignments policy={policy} />;
    case 'settings':
      return <Settings key={policy.updated_at} policy={policy} onSaved={onSaved} />;
  }
}

function Settings({ policy, onSaved }: { policy: Policy; onSaved: () => void }): VNode {
  const [form, setForm] = useState(() => formOf(policy));
  const { busy, error, run } = useAction(async () => {
    const params = { path: { name_or_id: policy.id } };
    await take(api.PATCH('/v1/policies/{name_or_id}', { params, body: bodyOf(form) }));
    toast(ta('policies.saved', { name: policy.name }));
    onSaved();
  });
  const mayChange = currentSession()?.rights.administer === true;
  return (
    <Card>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <fieldset class="form-all" disabled={!mayChange}>
          <PolicyFields form={form} onChange={setForm} isNew={false} />
        </fieldset>
        {error !== undefined && <ErrorBox error={error} />}
        {mayChange && (
          <Button type="submit" look="primary" busy={busy}>
            {ta('action.save')}
          </Button>
        )}
      </form>
    </Card>
  );
}

/** What it protects is backed up no more then, so that has to be said; points stay. */
function DeleteButton({ policy }: { policy: Policy }): VNode {
  const [open, setOpen] = useState(false);
  const [force, setForce] = useState(false);
  const { route } = useLocation();
  const { busy, error, run } = useAction(async () => {
    const params = { path: { name_or_id: policy.id }, query: force ? { force: 'true' as const } : {} };
    await take(api.DELETE('/v1/policies/{name_or_id}', { params }));
    toast(ta('policies.deleted', { name: policy.name }));
    route('/portal/admin/policies');
  });
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        {ta('policies.delete')}
      </Button>
      {open && (
        <Dialog
          title={ta('policies.deleteTitle', { name: policy.name })}
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>{ta('action.back')}</Button>
              <Button look="danger" busy={busy} onClick={run}>
                {ta('policies.delete')}
              </Button>
            </>
          }
        >
          <p>{ta('policies.deleteHint')}</p>
          <Checkbox checked={force} onChange={setForce}>
            {ta('policies.deleteForce')}
          </Checkbox>
          {error !== undefined && <ErrorBox error={error} />}
        </Dialog>
      )}
    </>
  );
}
