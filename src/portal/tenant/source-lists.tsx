import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { List } from '../ui/list.tsx';
import { usePages } from '../ui/use-pages.ts';
import { useSorting } from '../ui/use-sorting.ts';
import { jobColumns } from './job-columns.tsx';
import { jobSorts, readJobs, readRestores, restoreSorts } from './read-lists.ts';
import { restoreColumns } from './restore-columns.tsx';

const refreshMs = 15_000;

/** The restores of points of one instance or volume. */
export function SourceRestores({ sourceId }: { sourceId: string }): VNode {
  const { sort, sorting } = useSorting(restoreSorts);
  const pages = usePages(
    `restores of ${sourceId} ${sort ?? ''}`,
    (marker, signal) => readRestores({ sourceId, sort }, marker, signal),
    refreshMs,
  );
  return (
    <List
      caption={t('restores.title')}
      pages={pages}
      columns={restoreColumns()}
      rowKey={({ id }) => id}
      api={sorting}
      empty={{ title: t('restores.none') }}
    />
  );
}

/** The jobs that worked on one instance or volume. */
export function SourceJobs({ sourceId }: { sourceId: string }): VNode {
  const { sort, sorting } = useSorting(jobSorts);
  const pages = usePages(
    `jobs of ${sourceId} ${sort ?? ''}`,
    (marker, signal) => readJobs({ sourceId, sort }, marker, signal),
    refreshMs,
  );
  return (
    <List
      caption={t('jobs.title')}
      pages={pages}
      columns={jobColumns()}
      rowKey={({ id }) => id}
      api={sorting}
      empty={{ title: t('jobs.none') }}
    />
  );
}
