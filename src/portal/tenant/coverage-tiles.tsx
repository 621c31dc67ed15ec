import type { VNode } from 'preact';
import type { ProjectCoverage } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Icon } from '../ui/icons.tsx';

const states = ['protected', 'stale', 'unprotected'] as const;
const icons = { protected: 'ok', stale: 'warning', unprotected: 'danger' } as const;
const tones = { protected: 'good', stale: 'warn', unprotected: 'bad' } as const;

/** How many are protected, and how many are not: each number leads to the list of them. */
export function CoverageTiles({ counts }: { counts: readonly ProjectCoverage['instances'][] }): VNode {
  return (
    <ul class="tiles">
      {states.map((state) => (
        <li key={state}>
          <a class={`tile ${tones[state]}`} href={`/portal/instances?view=${state}`}>
            <Icon name={icons[state]} />
            <strong>{counts.reduce((sum, one) => sum + one[state], 0)}</strong>
            <span>{t(`protection.${state}`)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
