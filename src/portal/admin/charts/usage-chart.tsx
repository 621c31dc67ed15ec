import type { VNode } from 'preact';
import { languageTag } from '../../i18n/locale.ts';
import { formatBytes } from '../../ui/format.ts';
import type { StoreUsage } from '../read.ts';
import { ta } from '../text.ts';
import { ChartTable } from './chart-table.tsx';
import { linePoints, niceMax, place } from './scale.ts';

const size = { width: 700, height: 204 };
const frame = { left: 124, top: 14, width: 556, height: 150 };

/** What a store held on each day and holds now, as a line over its own area. */
export function UsageChart({ usage, name }: { usage: StoreUsage; name: string }): VNode {
  const points = [
    ...usage.days.map(({ day, stored_bytes: bytes }) => ({ x: Date.parse(day), y: bytes })),
    { x: Date.now(), y: usage.stored_bytes },
  ];
  const xs = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0] as const;
  const max = niceMax(Math.max(...points.map(({ y }) => y)), 1024);
  const line = linePoints(points, { xs, max, frame });
  const { left, top, width, height } = frame;
  const bottom = top + height;
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={ta('usage.picture', {
          store: name,
          from: formatBytes(points[0]?.y ?? 0),
          to: formatBytes(usage.stored_bytes),
        })}
      >
        {[0, 0.5, 1].map((part) => {
          const y = place(part, [0, 1], bottom, top);
          return (
            <g key={part}>
              <line class="chart-grid" x1={left} x2={left + width} y1={y} y2={y} />
              <text class="chart-label" x={left - 8} y={y + 4} text-anchor="end">
                {formatBytes(max * part)}
              </text>
            </g>
          );
        })}
        <polygon class="chart-area" points={`${left},${bottom} ${line} ${left + width},${bottom}`} />
        <polyline class="chart-line" points={line} />
        {points.length <= 32 &&
          line.split(' ').map((corner, index) => {
            const [cx, cy] = corner.split(',');
            return <circle class="chart-dot" key={index} cx={cx} cy={cy} r="3" />;
          })}
        <text class="chart-label" x={left} y={bottom + 26}>
          {dayText(xs[0])}
        </text>
        <text class="chart-label" x={left + width} y={bottom + 26} text-anchor="end">
          {ta('usage.now')}
        </text>
      </svg>
      <ChartTable
        caption={ta('usage.caption', { store: name })}
        heads={[ta('usage.day'), ta('usage.links'), ta('usage.stored')]}
        rows={[
          [ta('usage.now'), String(usage.links), formatBytes(usage.stored_bytes)],
          ...usage.days
            .toReversed()
            .map(({ day, links, stored_bytes: bytes }) => [
              dayText(Date.parse(day)),
              String(links),
              formatBytes(bytes),
            ]),
        ]}
      />
    </figure>
  );
}

/** Days are those of UTC, as the service notes them. */
export function dayText(atMs: number): string {
  return new Intl.DateTimeFormat(languageTag(), {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  }).format(atMs);
}
