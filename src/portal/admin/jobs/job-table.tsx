import type { VNode } from 'preact';
import { languageTag } from '../../i18n/locale.ts';
import { Code } from '../../ui/code.tsx';
import { formatDuration } from '../../ui/format.ts';
import { fractionOf } from '../../tenant/job-target.ts';
import { List } from '../../ui/list.tsx';
import type { ApiSorting, Column } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import type { Pages } from '../../ui/use-pages.ts';
import { ProjectName, useProjectNames, type ProjectNames } from '../project-names.tsx';
import type { Job } from '../read.ts';
import { ta } from '../text.ts';
import { titleOf } from './job-title.ts';
import { State } from '../words.tsx';

interface JobTableProps {
  pages: Pages<Job>;
  caption: string;
  empty: string;
  /** Without what only a search wants. */
  brief?: boolean;
  /** Sorts all of the list, not only what is here. */
  api?: ApiSorting | undefined;
}

export function JobTable({ pages, caption, empty, brief = false, api }: JobTableProps): VNode {
  const names = useProjectNames();
  return (
    <List
      caption={caption}
      pages={pages}
      columns={columns(names).filter(({ id }) => !brief || !['finished', 'took', 'request'].includes(id))}
      rowKey={({ id }) => id}
      empty={{ title: empty }}
      api={api}
    />
  );
}

function columns(names: ProjectNames): Column<Job>[] {
  return [
    {
      id: 'target',
      title: ta('column.job'),
      rowHeader: true,
      apiSort: 'kind',
      cell: (job) => <a href={`/portal/admin/jobs/${job.id}`}>{titleOf(job)}</a>,
    },
    {
      id: 'state',
      title: ta('column.state'),
      apiSort: 'state',
      cell: (job) => (
        <>
          <State state={job.state} /> <Progress job={job} />
        </>
      ),
    },
    {
      id: 'project',
      title: ta('column.project'),
      cell: ({ project_id: id }) => <ProjectName id={id} names={names} />,
    },
    {
      id: 'created',
      title: ta('column.created'),
      apiSort: 'created_at',
      cell: ({ created_at: at }) => <Time at={at} />,
    },
    {
      id: 'finished',
      title: ta('column.finished'),
      apiSort: 'finished_at',
      cell: ({ finished_at: at }) => (at === null ? '' : <Time at={at} />),
    },
    {
      id: 'took',
      apiSort: 'duration',
      title: ta('column.took'),
      numeric: true,
      cell: (job) => {
        const seconds = secondsOf(job);
        return seconds === undefined ? '' : formatDuration(seconds, languageTag());
      },
    },
    {
      id: 'request',
      title: ta('column.request'),
      cell: ({ request_id: id }) => (id === '' ? '' : <Code text={id} />),
    },
  ];
}

/** From its start to its end, seconds; undefined while it has none. */
export function secondsOf({ started_at: from, finished_at: to }: Job): number | undefined {
  return from === null || to === null ? undefined : (Date.parse(to) - Date.parse(from)) / 1000;
}

/** How far a running job is; nothing where that is not known. */
export function Progress({ job }: { job: Job }): VNode | null {
  const part = job.state === 'running' ? fractionOf(job.progress) : undefined;
  if (part === undefined) return null;
  const percent = Math.floor(part * 100);
  return (
    <span class="progress-figure">
      <progress max={100} value={percent} aria-label={ta('job.progress')} /> {percent} %
    </span>
  );
}
