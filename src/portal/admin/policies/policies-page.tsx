import type { VNode } from 'preact';
import { currentSession } from '../../session/session.ts';
import { LinkButton } from '../../ui/button.tsx';
import { List } from '../../ui/list.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { readPolicies } from '../read.ts';
import { ta } from '../text.ts';
import { retentionText, scheduleText } from './policy-words.ts';

export function PoliciesPage(): VNode {
  const pages = usePages('admin/policies', readPolicies);
  const mayChange = currentSession()?.rights.administer === true;
  return (
    <Page
      title={ta('policies.title')}
      actions={
        mayChange && (
          <LinkButton href="/portal/admin/new-policy" look="primary">
            {ta('policies.new')}
          </LinkButton>
        )
      }
    >
      <List
        caption={ta('policies.title')}
        pages={pages}
        rowKey={({ id }) => id}
        empty={{ title: ta('policies.none'), children: ta('policies.noneHelp') }}
        columns={[
          {
            id: 'name',
            title: ta('column.policy'),
            rowHeader: true,
            sortKey: ({ name }) => name,
            cell: ({ name }) => <a href={`/portal/admin/policies/${encodeURIComponent(name)}`}>{name}</a>,
          },
          {
            id: 'state',
            title: ta('column.state'),
            sortKey: ({ enabled }) => String(enabled),
            cell: ({ enabled, published }) =>
              `${ta(enabled ? 'policy.enabled' : 'policy.disabled')}, ${ta(published ? 'policy.published' : 'policy.private')}`,
          },
          {
            id: 'schedule',
            title: ta('policy.schedule'),
            cell: ({ schedule }) => scheduleText(schedule),
          },
          {
            id: 'retention',
            title: ta('policy.retention'),
            cell: ({ retention }) => retentionText(retention),
          },
          {
            id: 'updated',
            title: ta('column.updated'),
            sortKey: ({ updated_at: at }) => Date.parse(at),
            cell: ({ updated_at: at }) => <Time at={at} />,
          },
        ]}
      />
    </Page>
  );
}
