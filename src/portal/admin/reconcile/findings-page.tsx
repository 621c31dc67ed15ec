import { Fragment, type VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { isFinished } from '../../api/watch-job.ts';
import { languageTag } from '../../i18n/locale.ts';
import { FilterSelect } from '../../ui/filter-select.tsx';
import { formatBytes, formatDuration } from '../../ui/format.ts';
import { List } from '../../ui/list.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ErrorSaid, Said, saidName } from '../../ui/said.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { usePages } from '../../ui/use-pages.ts';
import { useQueryState } from '../../ui/use-query-state.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { useQuery } from '../../ui/use-query.ts';
import { Filters } from '../filters.tsx';
import { oneOf } from '../../ui/one-of.ts';
import { at, readFindings, type Finding, type Job } from '../read.ts';
import { ta, word } from '../text.ts';
import { State } from '../words.tsx';
import { countOf } from './reconcile-page.tsx';

const outcomes = ['found', 'done', 'left', 'failed', 'drift'] as const;
const kinds = [
  'volume',
  'moved-image',
  'migration',
  'fresh-image',
  'scratch-image',
  'snapshot',
  'trash-image',
  'link-folder',
  'paused-instance',
  'link-missing',
  'link-unknown',
  'point-missing',
  'point-unknown',
  'snapshot-missing',
] as const;
const refreshMs = 3000;

/** What one reconciliation found, and what became of it. */
export function FindingsPage({ id }: { id: string }): VNode {
  const { data, error, reload } = useQuery(
    `admin/reconciliation/${id}`,
    async (signal) => (await take(api.GET('/v1/jobs/{id}', { params: { path: { id } }, ...at(signal) }))).job,
    { refreshMs },
  );
  return (
    <Page
      title={ta('reconcile.single')}
      crumbs={[{ title: ta('reconcile.title'), href: '/portal/admin/reconcile' }]}
      aside={data && <State state={data.state} />}
    >
      {data === undefined && error === undefined && <Loading />}
      {error !== undefined && <ErrorBox error={error} onRetry={reload} />}
      {data !== undefined && <Result job={data} />}
    </Page>
  );
}

function Result({ job }: { job: Job }): VNode {
  const { result, target, created_at: created } = job;
  const problems = result?.['problems_said'];
  const counts = ['found', 'done', 'left', 'failed', 'drifted'] as const;
  return (
    <>
      <Card>
        <Facts
          facts={[
            [ta('column.kind'), ta(target['dry_run'] === true ? 'reconcile.dry' : 'reconcile.real')],
            [ta('column.created'), <Time key="c" at={created} absolute />],
            ...counts.map((key) => [ta(`reconcile.${key}`), String(countOf(result, key) ?? '')] as const),
            [
              ta('column.job'),
              <a key="j" href={`/portal/admin/jobs/${job.id}`}>
                {ta('approvals.toJob')}
              </a>,
            ],
          ]}
        />
        {job.error !== null && (
          <div class="bad-text" role="alert">
            <ErrorSaid code={job.error.type} english={job.error.message} /> <code>{job.error.type}</code>
          </div>
        )}
        {Array.isArray(problems) && problems.length > 0 && (
          <>
            <h3>{ta('reconcile.problems')}</h3>
            <ul>
              {(problems as Problem[]).map(({ text, code, params }) => (
                <li key={text}>
                  <Said kind="note" code={code} params={params} english={text} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Card>
      {isFinished(job) ? result !== null && <Findings id={job.id} /> : <p>{ta('reconcile.running')}</p>}
    </>
  );
}

/** With its codes, as the API presents it. */
interface Problem {
  text: string;
  code: string | null;
  params: Record<string, unknown>;
}

/** What is done about a finding, why, and what came in between. */
function Words({ finding }: { finding: Finding }): VNode {
  const { action, action_code, reason, reason_code, reason_params, note, note_code } = finding;
  const parts = [
    { code: action_code, params: {}, english: action },
    { code: reason_code, params: reason_params, english: reason },
    { code: note_code, params: {}, english: note },
  ];
  // One element: in a narrow window a cell lays its children side by side.
  return (
    <span>
      {parts.map(
        ({ code, params, english }, at) =>
          english !== null && (
            <Fragment key={english}>
              {at > 0 && action !== null && ta('reconcile.and')}
              <Said kind="findingWord" code={code} params={params} english={english} />
            </Fragment>
          ),
      )}
    </span>
  );
}

function Findings({ id }: { id: string }): VNode {
  const [kind, setKind] = useQueryState('kind');
  const [outcome, setOutcome] = useQueryState('outcome');
  const { sort, sorting } = useSorting(['what', 'kind', 'outcome', 'age', 'size']);
  const pages = usePages(`admin/findings ${id} ${kind} ${outcome} ${sort ?? ''}`, (marker, signal) => {
    const filter = { kind: oneOf(kind, kinds), outcome: oneOf(outcome, outcomes), sort, marker };
    return readFindings(id, filter, signal);
  });
  return (
    <Card title={ta('reconcile.findings')}>
      <Filters>
        <FilterSelect
          label={ta('column.kind')}
          value={kind}
          known={kinds}
          title={(value) => word('stray', value)}
          onChange={setKind}
        />
        <FilterSelect
          label={ta('reconcile.outcome')}
          value={outcome}
          known={outcomes}
          title={(value) => word('state', value)}
          onChange={setOutcome}
        />
      </Filters>
      <List
        caption={ta('reconcile.findings')}
        pages={pages}
        api={sorting}
        rowKey={({ number }) => String(number)}
        empty={{ title: ta('reconcile.nothingFound') }}
        columns={[
          {
            id: 'what',
            apiSort: 'what',
            title: ta('reconcile.what'),
            rowHeader: true,
            cell: ({ what }) => <code class="long">{what}</code>,
          },
          {
            id: 'kind',
            apiSort: 'kind',
            title: ta('column.kind'),
            cell: (finding) => word('stray', finding.kind),
          },
          {
            id: 'outcome',
            apiSort: 'outcome',
            title: ta('reconcile.outcome'),
            cell: (finding) => <State state={finding.outcome} />,
          },
          { id: 'where', title: ta('reconcile.where'), cell: ({ where }) => saidName('where', where) },
          {
            id: 'age',
            apiSort: 'age',
            title: ta('reconcile.age'),
            numeric: true,
            cell: ({ age_seconds: age }) => (age === null ? '' : formatDuration(age, languageTag())),
          },
          {
            id: 'size',
            apiSort: 'size',
            title: ta('reconcile.size'),
            numeric: true,
            cell: ({ size_bytes: size }) => (size === null ? '' : formatBytes(size)),
          },
          {
            id: 'reason',
            title: ta('column.reason'),
            cell: (finding) => <Words finding={finding} />,
          },
        ]}
      />
    </Card>
  );
}
