import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { ta } from '../text.ts';
import { PolicyFields } from './policy-fields.tsx';
import { bodyOf, newPolicy } from './policy-form.ts';

export function NewPolicyPage(): VNode {
  const [form, setForm] = useState(newPolicy);
  const { route } = useLocation();
  const { busy, error, run } = useAction(async () => {
    const body = { name: form.name.trim(), ...bodyOf(form) };
    const { policy } = await take(api.POST('/v1/policies', { body }));
    toast(ta('policies.made', { name: policy.name }));
    route(`/portal/admin/policies/${encodeURIComponent(policy.name)}`);
  });
  return (
    <Page
      title={ta('policies.new')}
      crumbs={[{ title: ta('policies.title'), href: '/portal/admin/policies' }]}
    >
      <Card>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            run();
          }}
        >
          <PolicyFields form={form} onChange={setForm} isNew />
          {error !== undefined && <ErrorBox error={error} />}
          <Button type="submit" look="primary" busy={busy}>
            {ta('policies.make')}
          </Button>
        </form>
      </Card>
    </Page>
  );
}
