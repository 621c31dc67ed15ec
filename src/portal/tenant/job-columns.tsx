import type { VNode } from 'preact';
import type { Job } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Badge, type Tone } from '../ui/badge.tsx';
import type { Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { fractionOf } from './job-target.ts';
import { targetWords } from './target-words.ts';

const tones: Record<Job['state'], Tone> = {
  queued: 'idle',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

export function JobBadge({ state }: Pick<Job, 'state'>): VNode {
  return <Badge tone={tones[state]}>{t(`jobState.${state}`)}</Badge>;
}

export function jobTitle(job: Pick<Job, 'kind' | 'target'>): string {
  return t(`jobTitle.${job.kind}`, { name: targetWords(job) });
}

export function jobColumns(): Column<Job>[] {
  return [
    {
      id: 'title',
      title: t('column.job'),
      rowHeader: true,
      apiSort: 'kind',
      cell: (job) => <a href={`/portal/jobs/${job.id}`}>{jobTitle(job)}</a>,
    },
    {
      id: 'state',
      title: t('column.state'),
      apiSort: 'state',
      cell: (job) => (
        <span>
          <JobBadge state={job.state} />
          {job.state === 'running' && <Percent fraction={fractionOf(job.progress)} />}
        </span>
      ),
    },
    { id: 'by', title: t('column.by'), cell: ({ requested_by: by }) => by.user_name },
    {
      id: 'created',
      title: t('column.created'),
      apiSort: 'created_at',
      cell: ({ created_at: at }) => <Time at={at} />,
    },
    {
      id: 'finished',
      title: t('column.finished'),
      apiSort: 'finished_at',
      cell: ({ finished_at: at }) => (at === null ? '-' : <Time at={at} />),
    },
  ];
}

function Percent({ fraction }: { fraction: number | undefined }): VNode | null {
  return fraction === undefined ? null : <span class="hint"> {Math.floor(fraction * 100)} %</span>;
}
