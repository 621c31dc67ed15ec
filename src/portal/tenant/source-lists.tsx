import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import { List } from '../ui/list.tsx';
import { usePages } from '../ui/use-pages.ts';
import { jobColumns } from './job-columns.tsx';
import { readJobs, readRestores } from './read-lists.ts';
import { restoreColumns } from './restore-columns.tsx';

const refreshMs = 15_000;

/** The restores of points of one instance or volume. */
export function SourceRestores({ sourceId }: { sourceId: string }): VNode {
  const pages = usePages(
    `restores of ${sourceId}`,
    (marker, signal) => readRestores({ sourceId }, marker, signal),
    refreshMs,
  );
  return (
    <List
      caption={t('restores.title')}
      pages={pages}
      columns={restoreColumns()}
      rowKey={({ id }) => id}
      empty={{ title: t('restores.none') }}
    />
  );
}

/** The jobs that worked on one instance or volume. */
export function SourceJobs({ sourceId }: { sourceId: string }): VNode {
  const pages = usePages(
    `jobs of ${sourceId}`,
    (marker, signal) => readJobs({ sourceId }, marker, signal),
    refreshMs,
  );
  return (
    <List
      caption={t('jobs.title')}
      pages={pages}
      columns={jobColumns()}
      rowKey={({ id }) => id}
      empty={{ title: t('jobs.none') }}
    />
  );
}
