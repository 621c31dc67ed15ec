import { Option, type Command } from 'commander';
import { jobKinds } from '../../../domain/job.ts';
import { parseCount, parseId, parseName } from '../arguments.ts';
import { say } from '../context.ts';
import { jobColumns, jobFields, titleOf } from '../job-view.ts';
import { addOutputOptions, printList, printRecord, type FormatOptions } from '../output/options.ts';
import { parseWhen } from '../parse-when.ts';
import { settle, waitForJobs } from '../wait-for-jobs.ts';
import type { WireJob } from '../wire.ts';
import { addExamples } from './examples.ts';
import { sortOption } from './list-options.ts';
import { runInSession, type Runner } from './run.ts';

interface ListOptions extends FormatOptions {
  kind?: string;
  state?: string;
  project?: string;
  source?: string;
  request?: string;
  since?: string;
  before?: string;
  oldestFirst?: true;
  sort?: string;
  limit?: number;
}

export function addJobCommands(program: Command, run: Runner, now: () => Date): void {
  const job = program.command('job').description('backups and restores under way and done');
  addListCommand(job, run, now);
  const withId = (name: string, description: string, example: string): Command =>
    addOutputOptions(
      addExamples(job.command(name).description(description).argument('<JOB>', 'id', parseId('job')), [
        `emberkeep job ${name} 6ee1bc47-2ec8-49d2-9e25-7c9a9e2e3b5f${example}`,
      ]),
    );

  withId('show', 'show a job', ' -f json').action((id: string, options: FormatOptions) =>
    runInSession(run, async (context, { client }) => {
      const found = await client.get<{ job: WireJob }>(`/v1/jobs/${id}`);
      await printRecord(context, found.job, jobFields, options);
    }),
  );

  withId('watch', 'follow a job to its end; exits as the job ended', '').action(
    (id: string, options: FormatOptions) =>
      runInSession(run, async (context, session) => {
        const found = await session.client.get<{ job: WireJob }>(`/v1/jobs/${id}`);
        // Watching is not owning: an interrupt leaves the job alone.
        const ended = await waitForJobs(context, { ...session, isOwnService: false }, [found.job]);
        for (const finished of ended) await printRecord(context, finished, jobFields, options);
        settle(context, ended);
      }),
  );

  withId('cancel', 'ask a job to stop and undo what it began', '').action(
    (id: string, options: FormatOptions) =>
      runInSession(run, async (context, { client }) => {
        const asked = await client.post<{ job: WireJob }>(`/v1/jobs/${id}/cancel`);
        if (asked.job.state !== 'cancelled') say(context, `${titleOf(asked.job)}: asked to stop`);
        await printRecord(context, asked.job, jobFields, options);
      }),
  );
}

function addListCommand(job: Command, run: Runner, now: () => Date): void {
  const instant = (text: string): string => parseWhen(text, { now: now(), day: 'start' }).toISOString();
  addOutputOptions(
    addExamples(
      job
        .command('list')
        .description('list jobs, newest first')
        .addOption(new Option('--kind <KIND>', 'only jobs of this kind').choices(jobKinds))
        .addOption(
          new Option('--state <STATE>', 'only jobs in this state').choices([
            'queued',
            'running',
            'succeeded',
            'failed',
            'cancelled',
          ]),
        )
        .option('--since <TIME>', 'asked for at or after; times without a zone are UTC', instant)
        .option('--before <TIME>', 'asked for before; times without a zone are UTC', instant)
        .option('--project <ID>', 'of this project (administrators)', parseName('project'))
        .option(
          '--source <ID>',
          'of this instance or volume, of this CLUSTER/POOL/IMAGE, or of points of it',
          parseName('source'),
        )
        .option(
          '--request <ID>',
          'that this request asked for, such as the backup of a pool',
          parseName('request'),
        )
        .option('--oldest-first', 'the other way round')
        .addOption(
          sortOption(['created_at', 'finished_at', 'duration', 'kind', 'state']).conflicts('oldestFirst'),
        )
        .option('--limit <N>', 'show at most so many', parseCount('--limit')),
      [
        'emberkeep job list --state running',
        'emberkeep job list --state failed --since yesterday',
        'emberkeep job list --limit 10 -f json',
        'emberkeep job list --request req-2f1c... --state failed',
      ],
    ),
  ).action((options: ListOptions) =>
    runInSession(run, async (context, { client }) => {
      const { kind, state, project, source, request, since, before, oldestFirst, limit } = options;
      const sort = oldestFirst === true ? 'created_at:asc' : options.sort;
      const of = { project_id: project, source_id: source, request_id: request };
      const query = { kind, state, ...of, since, before, sort };
      const jobs = await client.list<WireJob>('/v1/jobs', 'jobs', query, limit);
      await printList(context, jobs, jobColumns, options);
    }),
  );
}
