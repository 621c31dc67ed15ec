import type { VNode } from 'preact';
import type { ProjectCoverage } from '../read.ts';
import { ta, word } from '../text.ts';
import { shares } from './scale.ts';

type Counts = ProjectCoverage['instances'];
const states = ['protected', 'stale', 'unprotected'] as const;

/** How many are protected, as a bar that says the same in words. */
export function CoverageBar({ counts, label }: { counts: Counts; label: string }): VNode {
  const total = states.reduce((sum, state) => sum + counts[state], 0);
  const said = states.map((state) => `${counts[state]} ${word('state', state)}`).join(', ');
  if (total === 0) return <span class="hint">{ta('coverage.none')}</span>;
  return (
    <svg
      class="coverage-bar"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${said}`}
    >
      <title>{said}</title>
      {shares(states.map((state) => [state, counts[state]] as const)).map(({ key, from, width }) => (
        <rect key={key} class={`share ${key}`} x={from} y="0" width={width} height="8" />
      ))}
    </svg>
  );
}

/** The bar with its figures below. */
export function CoverageFigures({ counts, label }: { counts: Counts; label: string }): VNode {
  return (
    <div class="coverage-figures">
      <h3>{label}</h3>
      <CoverageBar counts={counts} label={label} />
      <ul class="legend">
        {states.map((state) => (
          <li key={state}>
            <span class={`swatch ${state}`} aria-hidden="true" />
            {word('state', state)} <strong>{counts[state]}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** All projects together. */
export function sumOf(projects: readonly ProjectCoverage[], kind: 'instances' | 'volumes'): Counts {
  const sum = { protected: 0, stale: 0, unprotected: 0 };
  for (const project of projects) for (const state of states) sum[state] += project[kind][state];
  return sum;
}
