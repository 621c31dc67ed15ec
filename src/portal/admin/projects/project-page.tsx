import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { t } from '../../i18n/locale.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/code.tsx';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { Checkbox, Select } from '../../ui/form.tsx';
import { List } from '../../ui/list.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Said } from '../../ui/said.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { useQuery } from '../../ui/use-query.ts';
import { Filters } from '../filters.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { useProjectNames } from '../project-names.tsx';
import { at, readCoverage, type ProjectSettings } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';

const modes = ['image', 'volume', 'replace', 'in-place', 'instance'] as const;
const states = ['protected', 'stale', 'unprotected'] as const;

/** What is protected in a project, and what its tenants may restore. */
export function ProjectPage({ id }: { id: string }): VNode {
  const names = useProjectNames();
  const { data, error, reload } = useQuery(
    `admin/project/${id}`,
    async (signal) =>
      (
        await take(
          api.GET('/v1/projects/{name_or_id}', { params: { path: { name_or_id: id } }, ...at(signal) }),
        )
      ).project,
  );
  return (
    <Page
      title={names.get(id) ?? id}
      crumbs={[{ title: ta('projects.title'), href: '/portal/admin/projects' }]}
    >
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && (
        <>
          <Settings key={data.updated_at} settings={data} onSaved={reload} />
          <Protection projectId={id} />
        </>
      )}
    </Page>
  );
}

function Settings({ settings, onSaved }: { settings: ProjectSettings; onSaved: () => void }): VNode {
  const [allowed, setAllowed] = useState(settings.tenant_restores);
  const [approval, setApproval] = useState<readonly string[]>(settings.approval_modes);
  const mayChange = currentSession()?.rights.administer === true;
  const { busy, error, run } = useAction(async () => {
    const body = {
      tenant_restores: allowed,
      approval_modes: modes.filter((mode) => approval.includes(mode)),
    };
    const params = { path: { name_or_id: settings.id } };
    await take(api.PATCH('/v1/projects/{name_or_id}', { params, body }));
    toast(ta('projects.saved'));
    onSaved();
  });
  const choose = (mode: string, chosen: boolean): void =>
    setApproval(chosen ? [...approval, mode] : approval.filter((one) => one !== mode));
  return (
    <Card title={ta('projects.settings')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <Checkbox checked={allowed} disabled={!mayChange} onChange={setAllowed}>
          {ta('projects.allow')}
        </Checkbox>
        <fieldset class="checks">
          <legend>{ta('projects.approvalModes')}</legend>
          <p class="hint">{ta('projects.approvalHint')}</p>
          {modes.map((mode) => (
            <Checkbox
              key={mode}
              checked={approval.includes(mode)}
              disabled={!mayChange || !allowed}
              onChange={(chosen) => choose(mode, chosen)}
            >
              {word('mode', mode)}
            </Checkbox>
          ))}
        </fieldset>
        {error !== undefined && <ErrorBox error={error} />}
        {mayChange && (
          <Button type="submit" look="primary" busy={busy}>
            {ta('action.save')}
          </Button>
        )}
      </form>
      <Facts
        facts={[
          [ta('projects.id'), <Code key="id" text={settings.id} />],
          [
            ta('projects.updated'),
            settings.updated_at === null ? (
              ta('projects.never')
            ) : (
              <span key="at">
                <Time at={settings.updated_at} />, {settings.updated_by?.user_name}
              </span>
            ),
          ],
        ]}
      />
    </Card>
  );
}

function Protection({ projectId }: { projectId: string }): VNode {
  const [kindText, setKind] = useQueryState('kind');
  const [state, setState] = useQueryState('state');
  const kind = kindText === 'volume' ? 'volume' : 'instance';
  const [search, setSearch] = useQueryState('name');
  const { sort, sorting } = useSorting(['name', 'protection', 'policy', 'last_point_at']);
  const pages = usePages(
    `admin/coverage ${projectId} ${kind} ${state} ${search} ${sort ?? ''}`,
    (marker, signal) => {
      const filter = { state: oneOf(state, states), search, sort, marker };
      return readCoverage({ project_id: projectId, kind, ...filter }, signal);
    },
  );
  return (
    <Card title={ta('coverage.title')}>
      <Filters>
        <Select
          label={ta('column.kind')}
          value={kind}
          onChange={(chosen) => setKind(chosen === 'volume' ? chosen : '')}
          options={[
            { value: 'instance', label: ta('coverage.instances') },
            { value: 'volume', label: ta('coverage.volumes') },
          ]}
        />
        <FilterSelect
          label={ta('column.state')}
          value={state}
          known={states}
          title={(value) => word('state', value)}
          onChange={setState}
        />
        <SearchField label={t('filter.name')} value={search} onSearch={setSearch} />
      </Filters>
      <List
        caption={ta('coverage.title')}
        pages={pages}
        api={sorting}
        rowKey={({ id }) => id}
        empty={{ title: ta('coverage.none') }}
        columns={[
          {
            id: 'name',
            apiSort: 'name',
            title: ta('column.name'),
            rowHeader: true,
            cell: ({ id, name }) => <span title={id}>{name === '' ? id : name}</span>,
          },
          {
            id: 'state',
            apiSort: 'protection',
            title: ta('column.state'),
            cell: ({ protection }) => <State state={protection.state} />,
          },
          {
            id: 'policy',
            apiSort: 'policy',
            title: ta('column.policy'),
            cell: ({ protection }) => protection.policy ?? '',
          },
          {
            id: 'last',
            apiSort: 'last_point_at',
            title: ta('column.lastPoint'),
            cell: ({ last_point: point }) => (point === null ? '' : <Time at={point.taken_at} />),
          },
          {
            id: 'reason',
            title: ta('column.reason'),
            cell: ({ protection: { code, params, reason } }) => (
              <Said kind="protection" code={code} params={params} english={reason} />
            ),
          },
        ]}
      />
    </Card>
  );
}
