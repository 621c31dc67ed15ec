import type { VNode } from 'preact';
import { api, nextMarker, take } from '../../api/client.ts';
import { List } from '../../ui/list.tsx';
import { Card } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { given } from '../given.ts';
import { ProjectName, useProjectNames } from '../project-names.tsx';
import { at, type Policy } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';

const refreshMs = 15_000;

/** What the policy protects, with its last and next run. */
export function Sources({ policy }: { policy: Policy }): VNode {
  const names = useProjectNames();
  const pages = usePages(
    `admin/sources/${policy.id}`,
    async (marker, signal) => {
      const params = { path: { name_or_id: policy.id }, query: given({ marker }) };
      const { sources, links } = await take(
        api.GET('/v1/policies/{name_or_id}/sources', { params, ...at(signal) }),
      );
      return { items: sources, next: nextMarker(links) };
    },
    refreshMs,
  );
  return (
    <Card title={ta('policies.sources')}>
      <List
        caption={ta('policies.sources')}
        pages={pages}
        rowKey={({ id }) => id}
        empty={{ title: ta('sources.none'), children: ta('sources.noneHelp') }}
        columns={[
          {
            id: 'name',
            title: ta('column.name'),
            rowHeader: true,
            sortKey: ({ source_name: name }) => name,
            cell: ({ source_id: id, source_name: name, kind, gone }) => (
              <span title={id}>
                {name} <span class="hint">{gone ? ta('sources.gone') : word('source', kind)}</span>
              </span>
            ),
          },
          {
            id: 'project',
            title: ta('column.project'),
            cell: ({ project_id: id }) => <ProjectName id={id} names={names} link />,
          },
          {
            id: 'last',
            title: ta('sources.last'),
            sortKey: ({ last_run_at: at }) => (at === null ? undefined : Date.parse(at)),
            cell: ({ last_run_at: at, last_state: state, last_error: error }) => (
              <>
                {state !== null && <State state={state} {...(error === null ? {} : { title: error })} />}{' '}
                {at === null ? '' : <Time at={at} />}
              </>
            ),
          },
          {
            id: 'next',
            title: ta('sources.next'),
            sortKey: ({ next_run_at: at }) => (at === null ? undefined : Date.parse(at)),
            cell: ({ next_run_at: at }) => (at === null ? '' : <Time at={at} />),
          },
        ]}
      />
    </Card>
  );
}
