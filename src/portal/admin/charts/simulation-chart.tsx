import type { VNode } from 'preact';
import type { SimulatedDay } from '../read.ts';
import { ta } from '../text.ts';
import { ChartTable } from './chart-table.tsx';
import { niceMax, place } from './scale.ts';
import { dayText } from './usage-chart.tsx';

const frame = { left: 56, top: 14, width: 630, height: 150 };

/** How many points there are of one source at the end of each day, and on which days a full is taken. */
export function SimulationChart({ days, policy }: { days: readonly SimulatedDay[]; policy: string }): VNode {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  const max = niceMax(Math.max(...days.map(({ points }) => points), 1), 10);
  const up = (count: number): number => place(count, [0, max], 0, height);
  return (
    <figure class="chart">
      <svg
        viewBox="0 0 700 216"
        role="img"
        aria-label={ta('simulation.picture', {
          policy,
          days: days.length,
          points: days.at(-1)?.points ?? 0,
        })}
      >
        {[0, max / 2, max].map((count) => (
          <g key={count}>
            <line
              class="chart-grid"
              x1={left}
              x2={left + width}
              y1={bottom - up(count)}
              y2={bottom - up(count)}
            />
            <text class="chart-label" x={left - 8} y={bottom - up(count) + 4} text-anchor="end">
              {count}
            </text>
          </g>
        ))}
        <Bars days={days} up={up} />
        <text class="chart-label" x={left} y={bottom + 38}>
          {dayText(Date.parse(days[0]?.date ?? ''))}
        </text>
        <text class="chart-label" x={left + width} y={bottom + 38} text-anchor="end">
          {dayText(Date.parse(days.at(-1)?.date ?? ''))}
        </text>
      </svg>
      <ul class="legend">
        <li>
          <span class="swatch full" aria-hidden="true" />
          {ta('simulation.fulls')}
        </li>
        <li>
          <span class="swatch increment" aria-hidden="true" />
          {ta('simulation.increments')}
        </li>
        <li>
          <span class="swatch dot" aria-hidden="true" />
          {ta('simulation.fullTaken')}
        </li>
      </ul>
      <DaysTable days={days} policy={policy} />
    </figure>
  );
}

function DaysTable({ days, policy }: { days: readonly SimulatedDay[]; policy: string }): VNode {
  return (
    <ChartTable
      caption={ta('simulation.caption', { policy })}
      heads={[
        ta('usage.day'),
        ta('simulation.taken'),
        ta('simulation.deleted'),
        ta('simulation.points'),
        ta('simulation.fulls'),
        ta('simulation.oldest'),
      ]}
      rows={days.map((day) => [
        dayText(Date.parse(day.date)),
        String(day.taken.length),
        String(day.deleted.length),
        String(day.points),
        String(day.fulls),
        day.oldest === null ? '' : dayText(Date.parse(day.oldest)),
      ])}
    />
  );
}

interface BarsProps {
  days: readonly SimulatedDay[];
  /** How high so many points are. */
  up: (count: number) => number;
}

function Bars({ days, up }: BarsProps): VNode {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  const step = width / Math.max(days.length, 1);
  return (
    <>
      {days.map((day, index) => {
        const x = left + index * step;
        const bar = Math.max(step - 1, step * 0.6);
        const fulls = up(day.fulls);
        return (
          <g key={day.date}>
            <title>{dayWords(day)}</title>
            <rect class="bar full" x={x} y={bottom - fulls} width={bar} height={fulls} />
            <rect
              class="bar increment"
              x={x}
              y={bottom - fulls - up(day.increments)}
              width={bar}
              height={up(day.increments)}
            />
            {day.taken.some(({ kind }) => kind === 'full') && (
              <circle
                class="bar full"
                cx={x + bar / 2}
                cy={bottom + 10}
                r={Math.min(3, Math.max(1.5, bar / 2))}
              />
            )}
          </g>
        );
      })}
    </>
  );
}

function dayWords({ date, taken, deleted, points, fulls }: SimulatedDay): string {
  return ta('simulation.day', {
    day: dayText(Date.parse(date)),
    points,
    fulls,
    taken: taken.length,
    deleted: deleted.length,
  });
}
