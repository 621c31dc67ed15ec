import type { VNode } from 'preact';
import { useLocation } from 'preact-iso';
import { api, take } from '../api/client.ts';
import type { PointDetail, RestoreMode } from '../api/types.ts';
import { languageTag, t } from '../i18n/locale.ts';
import { Select } from '../ui/form.tsx';
import { formatMinute } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import { useQuery } from '../ui/use-query.ts';

const offered = 200;

/** The point that is restored; another one of the same source is a step away. */
export function PointChoice({ point, mode }: { point: PointDetail; mode: RestoreMode }): VNode {
  const { route } = useLocation();
  const { kind, source_id: source } = point;
  const others = useQuery(`points of ${source}`, async (signal) => {
    const query = { kind, source, limit: offered };
    return (await take(api.GET('/v1/points', { params: { query }, signal }))).points;
  });
  const complete = (others.data ?? []).filter(({ state }) => state === 'complete');
  // Until the list is there, and when the point is older than what it offers, the point itself is in it.
  const shown = complete.some(({ id }) => id === point.id) ? complete : [point, ...complete];
  return (
    <>
      <Select
        label={t('wizard.point.question', { name: point.source_name })}
        value={point.id}
        options={shown.map(({ id, taken_at: at }) => ({
          value: id,
          label: formatMinute(new Date(at), languageTag()),
        }))}
        onChange={(id) => route(`/portal/points/${id}/restore?mode=${mode}`)}
      />
      <p class="hint">
        {t('wizard.point.taken')} <Time at={point.taken_at} />
      </p>
    </>
  );
}
