import type { VNode } from 'preact';
import type { Policy } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { Facts } from '../ui/page.tsx';
import { consistencyName } from './points-table.tsx';
import { cycleWords, retentionWords, scheduleWords, type Words } from './policy-words.ts';

/** What a policy does, in words. */
export function PolicyFacts({ policy }: { policy: Policy }): VNode {
  const { window } = policy;
  return (
    <>
      {policy.description !== '' && <p>{policy.description}</p>}
      <Facts
        facts={[
          [t('policy.schedule'), scheduleText(policy)],
          [t('policy.cycle'), say(cycleWords(policy.cycle))],
          [t('policy.retention'), retentionText(policy)],
          [t('column.consistency'), consistencyName(policy.consistency)],
          [
            t('policy.window'),
            window === null
              ? t('policy.anyTime')
              : `${window.start}-${window.end} ${window.time_zone ?? 'UTC'}`,
          ],
        ]}
      />
    </>
  );
}

export function scheduleText({ schedule }: Pick<Policy, 'schedule'>): string {
  return say(scheduleWords(schedule, languageTag()));
}

export function retentionText({ retention }: Pick<Policy, 'retention'>): string {
  return retentionWords(retention).map(say).join(', ');
}

function say({ key, params }: Words): string {
  return t(key, params);
}
