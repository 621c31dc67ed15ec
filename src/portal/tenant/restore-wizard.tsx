import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { PointDetail, RestoreMode } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { currentSession } from '../session/session.ts';
import { Checkbox, RadioCards, TextField } from '../ui/form.tsx';
import { formatBytes } from '../ui/format.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, ErrorBox, Loading } from '../ui/states.tsx';
import { useQuery } from '../ui/use-query.ts';
import { useQueryState } from '../ui/use-query-state.ts';
import { useSettled } from '../ui/use-settled.ts';
import { diskName } from './disks-table.tsx';
import { PlanSection } from './plan-section.tsx';
import { PointChoice } from './point-choice.tsx';
import { pointTitle, readPoint, sourceHref } from './point-page.tsx';
import { eligibleDisks, modesFor, requestOf, takesName, type RestoreChoices } from './restore-choices.ts';

/** From a point to a restore: how, which disks, what that would do, and yes. */
export function RestoreWizard(): VNode {
  const { params } = useRoute();
  const id = params['id'] ?? '';
  const query = useQuery(`point ${id}`, (signal) => readPoint(id, signal));
  if (query.data === undefined) {
    return (
      <Page title={t('restore.title')}>
        {query.error === undefined ? (
          <Loading lines={8} />
        ) : (
          <ErrorBox error={query.error} onRetry={query.reload} />
        )}
      </Page>
    );
  }
  return <Wizard key={id} point={query.data} />;
}

function Wizard({ point }: { point: PointDetail }): VNode {
  const rights = currentSession()?.rights;
  const href = sourceHref(point);
  const crumbs = [
    ...(href === undefined ? [] : [{ title: point.source_name, href }]),
    { title: pointTitle(point), href: `/portal/points/${point.id}` },
  ];
  const isClosed = useRestoresClosed(rights?.administer === true);
  if (rights?.change !== true || isClosed) {
    return (
      <Page title={t('restore.title')} crumbs={crumbs}>
        <Empty title={t(isClosed ? 'restore.closed' : 'restore.readOnly')}>
          <p class="hint">{t(isClosed ? 'restore.closed.help' : 'restore.readOnly.help')}</p>
        </Empty>
      </Page>
    );
  }
  if (point.state !== 'complete') {
    return (
      <Page title={t('restore.title')} crumbs={crumbs}>
        <div class="wizard">
          <p class="banner warn" role="alert">
            {t(point.state === 'damaged' ? 'point.damaged' : 'point.deleted')}
          </p>
          <Card title={t('wizard.point')}>
            <PointChoice point={point} mode="volume" />
          </Card>
        </div>
      </Page>
    );
  }
  return (
    <Page title={t('restore.title')} crumbs={crumbs}>
      <WizardForm point={point} isAdmin={rights.administer} />
    </Page>
  );
}

/** Whether an administrator has closed restores to the project's tenants. */
function useRestoresClosed(isAdmin: boolean): boolean {
  return useProject(isAdmin)?.tenant_restores === false;
}

function useProject(skip: boolean): { tenant_restores: boolean; approval_modes: string[] } | undefined {
  const scope = currentSession()?.scope;
  const projectId = scope?.type === 'project' ? scope.project.id : '';
  return useQuery(
    `project ${projectId}`,
    async (signal) =>
      (
        await take(
          api.GET('/v1/projects/{name_or_id}', { params: { path: { name_or_id: projectId } }, signal }),
        )
      ).project,
    { skip: skip || projectId === '' },
  ).data;
}

function WizardForm({ point, isAdmin }: { point: PointDetail; isAdmin: boolean }): VNode {
  const modes = modesFor(point, isAdmin);
  const [modeText, setModeText] = useQueryState('mode');
  const mode = modes.find((one) => one === modeText) ?? modes[0] ?? 'volume';
  const [disks, setDisks] = useState<readonly string[]>(point.disks.map(({ key }) => key));
  const [name, setName] = useState('');
  const [flavor, setFlavor] = useState('');
  const [networks, setNetworks] = useState('');
  const approvalModes = useProject(isAdmin)?.approval_modes ?? [];
  const choices: RestoreChoices = { mode, disks, name, flavor, networks };
  const request = useSettled(JSON.stringify(requestOf(point, choices) ?? null));
  return (
    <div class="wizard">
      <Card title={t('wizard.point')}>
        <PointChoice point={point} mode={mode} />
      </Card>
      <Card title={t('wizard.mode')}>
        <RadioCards
          label={t('wizard.mode.question')}
          value={mode}
          options={modes.map((value) => ({
            value,
            label: t(`mode.${value}`),
            hint: t(`mode.${value}.hint`),
          }))}
          onChange={setModeText}
        />
      </Card>
      <Card title={t('wizard.disks')}>
        <DiskChoice point={point} mode={mode} chosen={disks} onChange={setDisks} />
        {takesName(mode) && (
          <TextField label={t('wizard.name')} hint={t('wizard.name.hint')} value={name} onInput={setName} />
        )}
        {mode === 'instance' && (
          <>
            <TextField
              label={t('wizard.flavor')}
              hint={t('wizard.flavor.hint')}
              value={flavor}
              onInput={setFlavor}
            />
            <TextField
              label={t('wizard.networks')}
              hint={t('wizard.networks.hint')}
              value={networks}
              onInput={setNetworks}
            />
          </>
        )}
      </Card>
      <PlanSection
        requestText={request}
        isSettled={request === JSON.stringify(requestOf(point, choices) ?? null)}
        needsApproval={approvalModes.includes(mode)}
        diskName={(key) => nameOfDisk(point, key)}
      />
    </div>
  );
}

function nameOfDisk({ disks }: PointDetail, key: string): string {
  const disk = disks.find((one) => one.key === key);
  return disk === undefined ? key : diskName(disk);
}

interface DiskChoiceProps {
  point: PointDetail;
  mode: RestoreMode;
  chosen: readonly string[];
  onChange: (disks: readonly string[]) => void;
}

function DiskChoice({ point, mode, chosen, onChange }: DiskChoiceProps): VNode {
  const eligible = new Set(eligibleDisks(point.disks, mode).map(({ key }) => key));
  return (
    <fieldset class="disk-choice">
      <legend>{t('wizard.disks.question')}</legend>
      {point.disks.map((disk) => (
        <Checkbox
          key={disk.key}
          checked={eligible.has(disk.key) && chosen.includes(disk.key)}
          disabled={!eligible.has(disk.key)}
          onChange={(on) => onChange(on ? [...chosen, disk.key] : chosen.filter((key) => key !== disk.key))}
        >
          <strong>{diskName(disk)}</strong>{' '}
          <span class="hint">
            {[
              disk.attachment?.device,
              disk.size_bytes === null ? undefined : formatBytes(disk.size_bytes),
              disk.attachment?.is_root === true ? t('disk.root') : undefined,
              eligible.has(disk.key) ? undefined : t('wizard.disks.notReplaced'),
            ]
              .filter((text) => text != null)
              .join(', ')}
          </span>
        </Checkbox>
      ))}
    </fieldset>
  );
}
