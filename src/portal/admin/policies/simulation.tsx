import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { Select } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useQuery } from '../../ui/use-query.ts';
import { SimulationChart } from '../charts/simulation-chart.tsx';
import { Filters } from '../filters.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { at, type Policy } from '../read.ts';
import { ta } from '../text.ts';

const spans = ['30', '90', '365'] as const;

/** What would exist of one source if the policy began today, as the scheduler and the expiry would do it. */
export function Simulation({ policy }: { policy: Policy }): VNode {
  const [span, setSpan] = useQueryState('days');
  const days = oneOf(span, spans) ?? '90';
  const { data, error, reload } = useQuery(
    `admin/simulation/${policy.id} ${policy.updated_at} ${days}`,
    async (signal) =>
      (
        await take(
          api.POST('/v1/policies/{name_or_id}/simulate', {
            params: { path: { name_or_id: policy.id } },
            body: { days: Number(days) },
            ...at(signal),
          }),
        )
      ).days,
  );
  return (
    <Card title={ta('simulation.title')}>
      <p class="hint">{ta('simulation.hint')}</p>
      <Filters>
        <Select
          label={ta('simulation.span')}
          value={days}
          onChange={(value) => setSpan(value === '90' ? '' : value)}
          options={spans.map((value) => ({ value, label: ta('simulation.days', { days: value }) }))}
        />
      </Filters>
      {data === undefined && error === undefined && <Loading lines={5} />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <SimulationChart days={data} policy={policy.name} />}
    </Card>
  );
}
