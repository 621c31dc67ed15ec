import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { PointDetail } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { formatBytes, formatMinute } from '../ui/format.ts';
import { Card, Facts, Page } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Table, type Column } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import { useQuery } from '../ui/use-query.ts';
import { DisksTable } from './disks-table.tsx';
import { consistencyName, VerdictBadge } from './points-table.tsx';
import { VerifyDialog } from './verify-dialog.tsx';

/** One point: what it holds, what it stands on, and how far it can be relied on. */
export function PointPage(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const query = useQuery(`point ${id}`, (signal) => readPoint(id, signal));
  if (query.data !== undefined) return <PointView point={query.data} />;
  return (
    <Page title={t('point.title')}>
      {query.error === undefined ? (
        <Loading lines={8} />
      ) : (
        <ErrorBox error={query.error} onRetry={query.reload} />
      )}
    </Page>
  );
}

/** @throws {ApiError} */
export async function readPoint(id: string, signal: AbortSignal): Promise<PointDetail> {
  return (await take(api.GET('/v1/points/{id}', { params: { path: { id } }, signal }))).point;
}

/** Where the point's source has its page; undefined for images, which are no tenant's. */
export function sourceHref({
  kind,
  source_id: id,
}: Pick<PointDetail, 'kind' | 'source_id'>): string | undefined {
  if (kind === 'image') return undefined;
  return kind === 'instance' ? `/portal/instances/${id}` : `/portal/volumes/${id}`;
}

export function pointTitle({
  taken_at: at,
  source_name: name,
}: Pick<PointDetail, 'taken_at' | 'source_name'>): string {
  return t('point.of', { name, at: formatMinute(new Date(at), languageTag()) });
}

function PointView({ point }: { point: PointDetail }): VNode {
  const [verifying, setVerifying] = useState(false);
  const href = sourceHref(point);
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page
      title={pointTitle(point)}
      crumbs={href === undefined ? [] : [{ title: point.source_name, href }]}
      aside={<VerdictBadge point={{ ...point, disks: point.disks.length }} />}
      actions={
        mayChange && (
          <>
            <Button onClick={() => setVerifying(true)}>{t('verify.action')}</Button>
            {point.state === 'complete' && (
              <LinkButton look="primary" icon="restore" href={`/portal/points/${point.id}/restore`}>
                {t('restore.action')}
              </LinkButton>
            )}
          </>
        )
      }
    >
      {point.state === 'damaged' && (
        <p class="banner warn" role="alert">
          {t('point.damaged')}
        </p>
      )}
      <Card>
        <Facts facts={factsOf(point)} />
      </Card>
      <h2 class="part">{t('instance.tab.disks')}</h2>
      <DisksTable disks={point.disks} />
      <h2 class="part">{t('links.title')}</h2>
      <p class="hint">{t('links.help')}</p>
      <Table caption={t('links.title')} columns={linkColumns()} rows={point.links} rowKey={({ id }) => id} />
      {verifying && <VerifyDialog pointId={point.id} onClose={() => setVerifying(false)} />}
    </Page>
  );
}

function factsOf(point: PointDetail): [string, VNode | string][] {
  const { last_verified: verified, last_proven: proven } = point;
  return [
    [t('column.takenAt'), <Time at={point.taken_at} absolute />],
    [t('column.type'), t(`pointType.${point.type}`)],
    [
      t('column.consistency'),
      point.paused_ms === null
        ? consistencyName(point.consistency)
        : `${consistencyName(point.consistency)}, ${t('point.paused', { ms: point.paused_ms })}`,
    ],
    [t('point.spread'), t('point.spread.ms', { ms: point.spread_ms })],
    [t('column.size'), formatBytes(point.size_bytes)],
    [t('column.stored'), formatBytes(point.stored_bytes)],
    [
      t('point.verified'),
      verified === null ? (
        t('point.never')
      ) : (
        <span>
          {t(`verifyLevel.${verified.level}`)}, {t(`verifyOutcome.${verified.outcome}`)},{' '}
          <Time at={verified.at} />
        </span>
      ),
    ],
    [t('point.proven'), proven === null ? t('point.never') : <Time at={proven} />],
    ['ID', <Code text={point.id} />],
  ];
}

type Link = PointDetail['links'][number];

function linkColumns(): Column<Link>[] {
  return [
    { id: 'disk', title: t('column.disk'), rowHeader: true, cell: ({ disk_key: key }) => <code>{key}</code> },
    { id: 'kind', title: t('column.type'), cell: ({ kind }) => t(`pointType.${kind}`) },
    {
      id: 'depth',
      title: t('column.depth'),
      numeric: true,
      sortKey: ({ depth }) => depth,
      cell: ({ depth }) => depth,
    },
    {
      id: 'size',
      title: t('column.size'),
      numeric: true,
      sortKey: ({ size_bytes: size }) => size,
      cell: ({ size_bytes: size }) => formatBytes(size),
    },
    {
      id: 'data',
      title: t('column.data'),
      numeric: true,
      sortKey: ({ data_bytes: data }) => data,
      cell: ({ data_bytes: data }) => formatBytes(data),
    },
    {
      id: 'stored',
      title: t('column.stored'),
      numeric: true,
      sortKey: ({ stored_bytes: stored }) => stored,
      cell: ({ stored_bytes: stored }) => formatBytes(stored),
    },
  ];
}
