import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { Volume } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Code } from '../ui/code.tsx';
import { Card, Facts, Page } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useQuery } from '../ui/use-query.ts';
import { BackupDialog } from './backup-dialog.tsx';
import { ProtectionBadge } from './protection-badge.tsx';
import { SourceActions } from './source-actions.tsx';
import { Timeline } from './timeline.tsx';
import { volumeName } from './volumes-page.tsx';

const refreshMs = 30_000;

/** One volume, and the points that were made of it alone. */
export function VolumePage(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const query = useQuery(
    `volume ${id}`,
    async (signal) =>
      (await take(api.GET('/v1/volumes/{name_or_id}', { params: { path: { name_or_id: id } }, signal })))
        .volume,
    { refreshMs },
  );
  if (query.data !== undefined) return <VolumeView volume={query.data} />;
  return (
    <Page title={t('volume.title')} crumbs={[{ title: t('volumes.title'), href: '/portal/volumes' }]}>
      {query.error === undefined ? (
        <Loading lines={8} />
      ) : (
        <ErrorBox error={query.error} onRetry={query.reload} />
      )}
    </Page>
  );
}

function VolumeView({ volume }: { volume: Volume }): VNode {
  const [backingUp, setBackingUp] = useState(false);
  const { id, protection, last_point: lastPoint, instance_ids: instances } = volume;
  const name = volumeName(volume);
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page
      title={name}
      crumbs={[{ title: t('volumes.title'), href: '/portal/volumes' }]}
      aside={<ProtectionBadge protection={protection} />}
      actions={mayChange && <SourceActions lastPoint={lastPoint} onBackUp={() => setBackingUp(true)} />}
    >
      <Card>
        <Facts
          facts={[
            [t('column.status'), volume.status],
            [t('column.size'), `${volume.size_gib} GiB`],
            [
              t('column.lastPoint'),
              lastPoint === null ? (
                t('point.none')
              ) : (
                <a href={`/portal/points/${lastPoint.id}`}>
                  <Time at={lastPoint.taken_at} />
                </a>
              ),
            ],
            [
              t('column.attachedTo'),
              instances.length === 0
                ? t('volume.alone')
                : instances.map((instance) => (
                    <a key={instance} href={`/portal/instances/${instance}`}>
                      {t('volume.instance', { id: instance.slice(0, 8) })}
                    </a>
                  )),
            ],
            [t('column.policy'), protection.policy ?? t('policy.none')],
            ['ID', <Code text={id} />],
          ]}
        />
        {instances.length > 0 && <p class="hint">{t('volume.withInstance')}</p>}
      </Card>
      <h2 class="part">{t('volume.points')}</h2>
      <Timeline kind="volume" sourceId={id} lastPointAt={undefined} />
      {backingUp && (
        <BackupDialog target={{ kind: 'volume', id, name }} onClose={() => setBackingUp(false)} />
      )}
    </Page>
  );
}
