import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { Instance } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Code } from '../ui/code.tsx';
import { Card, Facts, Page, Tabs } from '../ui/page.tsx';
import { ErrorBox, Loading } from '../ui/states.tsx';
import { Time } from '../ui/time.tsx';
import { useQuery } from '../ui/use-query.ts';
import { AgeMeter } from './age-meter.tsx';
import { BackupDialog } from './backup-dialog.tsx';
import { DisksTable } from './disks-table.tsx';
import { GoneInstancePage } from './gone-instance-page.tsx';
import { PolicyTab } from './policy-tab.tsx';
import { ProtectionBadge } from './protection-badge.tsx';
import { SourceActions } from './source-actions.tsx';
import { ProtectionReason } from './protection-reason.tsx';
import { SourceJobs, SourceRestores } from './source-lists.tsx';
import { Timeline } from './timeline.tsx';

const tabs = ['timeline', 'disks', 'restores', 'jobs', 'policy'] as const;
const refreshMs = 30_000;

/** One instance: what protects it, its points, its disks, what was done to it. */
export function InstancePage(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const tab = tabs.find((one) => one === params['tab']) ?? 'timeline';
  const query = useQuery(
    `instance ${id}`,
    async (signal) =>
      (await take(api.GET('/v1/instances/{name_or_id}', { params: { path: { name_or_id: id } }, signal })))
        .instance,
    { refreshMs },
  );
  const crumbs = [{ title: t('instances.title'), href: '/portal/instances' }];
  if (query.data === undefined) {
    // Gone from Nova, and perhaps still in the store.
    if (query.error?.status === 404) return <GoneInstancePage id={id} error={query.error} />;
    return (
      <Page title={t('instance.title')} crumbs={crumbs}>
        {query.error === undefined ? (
          <Loading lines={8} />
        ) : (
          <ErrorBox error={query.error} onRetry={query.reload} />
        )}
      </Page>
    );
  }
  return <InstanceView instance={query.data} tab={tab} onChanged={query.reload} />;
}

interface InstanceViewProps {
  instance: Instance;
  tab: (typeof tabs)[number];
  onChanged: () => void;
}

function InstanceView({ instance, tab, onChanged }: InstanceViewProps): VNode {
  const [backingUp, setBackingUp] = useState(false);
  const { id, name, protection, last_point: lastPoint } = instance;
  const mayChange = currentSession()?.rights.change === true;
  return (
    <Page
      title={name}
      crumbs={[{ title: t('instances.title'), href: '/portal/instances' }]}
      aside={<ProtectionBadge protection={protection} />}
      actions={mayChange && <SourceActions lastPoint={lastPoint} onBackUp={() => setBackingUp(true)} />}
    >
      <Card>
        <Facts facts={factsOf(instance)} />
        {protection.state !== 'protected' && (
          <ProtectionReason protection={protection} lastPoint={lastPoint} />
        )}
      </Card>
      <Tabs
        label={t('instance.parts')}
        current={tab}
        tabs={tabs.map((one) => ({
          id: one,
          title: t(`instance.tab.${one}`),
          href: `/portal/instances/${id}/${one}`,
        }))}
      />
      {tab === 'timeline' && <Timeline kind="instance" sourceId={id} lastPointAt={lastPoint?.taken_at} />}
      {tab === 'disks' && <DisksTable disks={instance.disks} />}
      {tab === 'restores' && <SourceRestores sourceId={id} />}
      {tab === 'jobs' && <SourceJobs sourceId={id} />}
      {tab === 'policy' && <PolicyTab instance={instance} onChanged={onChanged} />}
      {backingUp && (
        <BackupDialog target={{ kind: 'instance', id, name }} onClose={() => setBackingUp(false)} />
      )}
    </Page>
  );
}

function factsOf(instance: Instance): [string, VNode | string][] {
  const { protection, last_point: lastPoint, flavor } = instance;
  return [
    [t('column.status'), instance.status],
    [
      t('column.lastPoint'),
      lastPoint === null ? (
        t('point.none')
      ) : (
        <span>
          <a href={`/portal/points/${lastPoint.id}`}>
            <Time at={lastPoint.taken_at} />
          </a>
          {protection.stale_at !== null && (
            <AgeMeter takenAt={lastPoint.taken_at} staleAt={protection.stale_at} />
          )}
        </span>
      ),
    ],
    [t('column.nextRun'), protection.next_run_at === null ? '-' : <Time at={protection.next_run_at} />],
    [t('column.policy'), protection.policy ?? t('policy.none')],
    [t('instance.flavor'), `${flavor.original_name}: ${flavor.vcpus} vCPU, ${flavor.ram_mib} MiB`],
    [t('instance.zone'), instance.availability_zone ?? '-'],
    ['ID', <Code text={instance.id} />],
  ];
}
