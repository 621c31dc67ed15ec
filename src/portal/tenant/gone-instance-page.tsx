import type { VNode } from 'preact';
import type { ApiError } from '../api/api-error.ts';
import { api, take } from '../api/client.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Badge } from '../ui/badge.tsx';
import { LinkButton } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { useQuery } from '../ui/use-query.ts';
import { Timeline } from './timeline.tsx';

/** An instance that Nova has no more: what the store has of it, or that there is nothing. */
export function GoneInstancePage({ id, error }: { id: string; error: ApiError }): VNode {
  const newest = useQuery(`newest ${id}`, async (signal) => {
    const query = { kind: 'instance' as const, source: id, limit: 1 };
    return (await take(api.GET('/v1/points', { params: { query }, signal }))).points[0] ?? null;
  });
  const crumbs = [{ title: t('instances.title'), href: '/portal/instances?view=deleted' }];
  const point = newest.data;
  if (point == null) {
    return (
      <Page title={t('instance.title')} crumbs={crumbs}>
        {point === undefined && newest.error === undefined ? (
          <Loading />
        ) : (
          <ErrorBox error={newest.error ?? error} />
        )}
      </Page>
    );
  }
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page
      title={point.source_name}
      crumbs={crumbs}
      aside={<Badge tone="idle">{t('protection.gone')}</Badge>}
      actions={
        mayChange && (
          <LinkButton href={`/portal/points/${point.id}/restore?mode=instance`} look="primary" icon="restore">
            {t('restore.anew')}
          </LinkButton>
        )
      }
    >
      <p class="hint">{t('instance.gone')}</p>
      <Timeline kind="instance" sourceId={id} lastPointAt={point.taken_at} />
    </Page>
  );
}
