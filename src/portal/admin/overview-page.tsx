import type { VNode } from 'preact';
import { Card, Page } from '../ui/page.tsx';
import { Empty, ErrorBox, Loading } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useQuery } from '../ui/use-query.ts';
import { CoverageBar, CoverageFigures, sumOf } from './charts/coverage-bar.tsx';
import { UsageChart } from './charts/usage-chart.tsx';
import { JobTable } from './jobs/job-table.tsx';
import { ProjectName, useProjectNames } from './project-names.tsx';
import {
  readJobs,
  readOverview,
  readProjectCoverage,
  readStores,
  readUsage,
  storeName,
  type Overview,
  type ProjectCoverage,
} from './read.ts';
import { ta, word } from './text.ts';

const refreshMs = 15_000;
const worstProjects = 5;
const usageDays = 90;

/** How the service is doing. Each part is asked for by itself: a cloud that is slow holds up only what is about it. */
export function OverviewPage(): VNode {
  const overview = useQuery('admin/overview', readOverview, { refreshMs });
  const { data, error, reload } = overview;
  return (
    <Page title={ta('overview.title')}>
      {data === undefined && error === undefined && <Loading lines={2} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <Tiles overview={data} />}
      <div class="card-grid">
        <CoverageCard />
        {data !== undefined && <PolicyCard policies={data.policies} />}
      </div>
      {data?.stores.map(({ store_id: id }) => (
        <UsageCard storeId={id} key={id} />
      ))}
      <RunningCard />
      {data !== undefined && <VerificationCard overview={data} />}
    </Page>
  );
}

function Tiles({ overview }: { overview: Overview }): VNode {
  const { jobs, failures, policies } = overview;
  const count = (state: string): number =>
    jobs.filter((one) => one.state === state).reduce((sum, one) => sum + one.jobs, 0);
  const lastDay = failures.reduce((sum, { last_day: day }) => sum + day, 0);
  const lastWeek = failures.reduce((sum, { last_week: week }) => sum + week, 0);
  const missed = policies.reduce((sum, policy) => sum + policy.missed, 0);
  return (
    <ul class="figures">
      <Tile
        href="/portal/admin/jobs?state=running"
        name={ta('overview.running')}
        value={count('running')}
        hint={ta('overview.queued', { count: count('queued') })}
      />
      <Tile
        href="/portal/admin/jobs?state=failed"
        name={ta('overview.failed')}
        value={lastDay}
        hint={ta('overview.failedWeek', { count: lastWeek })}
        bad={lastDay > 0}
      />
      <Tile
        href="/portal/admin/policies"
        name={ta('overview.missed')}
        value={missed}
        hint={ta('overview.missedHint')}
        bad={missed > 0}
      />
      <Tile
        href="/portal/admin/approvals"
        name={ta('overview.pending')}
        value={overview.pending_restores}
        hint={ta('overview.pendingHint')}
      />
      <Tile
        href="/portal/admin/stores"
        name={ta('overview.damaged')}
        value={overview.damaged_points}
        hint={ta('overview.damagedHint')}
        bad={overview.damaged_points > 0}
      />
    </ul>
  );
}

interface TileProps {
  href: string;
  name: string;
  value: number;
  hint: string;
  bad?: boolean;
}

function Tile({ href, name, value, hint, bad = false }: TileProps): VNode {
  return (
    <li>
      <a class={bad ? 'figure bad' : 'figure'} href={href}>
        <span class="figure-name">{name}</span>
        <strong class="figure-value">{value}</strong>
        <span class="hint">{hint}</span>
      </a>
    </li>
  );
}

function CoverageCard(): VNode {
  const { data, error, reload } = useQuery('admin/coverage', readProjectCoverage);
  return (
    <Card title={ta('coverage.title')}>
      {data === undefined && error === undefined && <Loading lines={4} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <Coverage projects={data} />}
    </Card>
  );
}

function Coverage({ projects }: { projects: readonly ProjectCoverage[] }): VNode {
  const names = useProjectNames();
  return (
    <>
      <CoverageFigures counts={sumOf(projects, 'instances')} label={ta('coverage.instances')} />
      <CoverageFigures counts={sumOf(projects, 'volumes')} label={ta('coverage.volumes')} />
      {projects.length > 0 && (
        <Table
          caption={ta('coverage.worst')}
          rows={projects.slice(0, worstProjects)}
          rowKey={({ project_id: id }) => id}
          columns={[
            {
              id: 'project',
              title: ta('column.project'),
              rowHeader: true,
              cell: ({ project_id: id }) => <ProjectName id={id} names={names} link />,
            },
            {
              id: 'instances',
              title: ta('coverage.instances'),
              cell: ({ instances }) => <CoverageBar counts={instances} label={ta('coverage.instances')} />,
            },
          ]}
        />
      )}
    </>
  );
}

function PolicyCard({ policies }: { policies: Overview['policies'] }): VNode {
  return (
    <Card title={ta('overview.policies')}>
      {policies.length === 0 ? (
        <Empty title={ta('overview.noPolicy')}>{ta('overview.noPolicyHelp')}</Empty>
      ) : (
        <Table
          caption={ta('overview.policies')}
          rows={policies}
          rowKey={({ id }) => id}
          columns={[
            {
              id: 'name',
              title: ta('column.policy'),
              rowHeader: true,
              sortKey: ({ name }) => name,
              cell: ({ name }) => <a href={`/portal/admin/policies/${encodeURIComponent(name)}`}>{name}</a>,
            },
            {
              id: 'sources',
              title: ta('column.sources'),
              numeric: true,
              sortKey: ({ sources }) => sources,
              cell: ({ sources }) => sources,
            },
            {
              id: 'missed',
              title: ta('column.missed'),
              numeric: true,
              sortKey: ({ missed }) => missed,
              cell: ({ missed }) => (missed > 0 ? <strong class="bad-text">{missed}</strong> : missed),
            },
            {
              id: 'oldest',
              title: ta('column.oldestPoint'),
              sortKey: ({ oldest_point_at: at }) => (at === null ? undefined : Date.parse(at)),
              cell: ({ oldest_point_at: at }) =>
                at === null ? <span class="hint">{ta('overview.noPoint')}</span> : <Time at={at} />,
            },
          ]}
        />
      )}
    </Card>
  );
}

function UsageCard({ storeId }: { storeId: string }): VNode {
  const { data, error, reload } = useQuery(`admin/usage/${storeId}`, (signal) =>
    readUsage(storeId, usageDays, signal),
  );
  const stores = useQuery('admin/stores', readStores);
  const name = storeName(storeId, stores.data);
  // Its id would stand there for a moment.
  if (stores.data === undefined && stores.error === undefined) return <Loading lines={4} />;
  return (
    <Card
      title={ta('usage.title', { store: name })}
      actions={<a href={`/portal/admin/stores/${encodeURIComponent(storeId)}`}>{ta('usage.more')}</a>}
    >
      {data === undefined && error === undefined && <Loading lines={4} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <UsageChart usage={data} name={name} />}
    </Card>
  );
}

function RunningCard(): VNode {
  const pages = usePages(
    'admin/running',
    (marker, signal) => readJobs({ state: 'running', limit: 10, marker }, signal),
    refreshMs,
  );
  return (
    <Card title={ta('overview.runningJobs')}>
      <JobTable pages={pages} caption={ta('overview.runningJobs')} empty={ta('overview.nothingRuns')} brief />
    </Card>
  );
}

function VerificationCard({ overview: { verifications } }: { overview: Overview }): VNode {
  return (
    <Card title={ta('verify.newest')}>
      {verifications.length === 0 ? (
        <Empty title={ta('verify.never')} />
      ) : (
        <dl class="facts">
          {verifications.map(({ level, at }) => (
            <div key={level}>
              <dt>{word('level', level)}</dt>
              <dd>
                <Time at={at} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
