import type { Writable } from 'node:stream';
import type { SingleBar } from 'cli-progress';
import { humanBytes } from '../../base/bytes.ts';
import { oneLine } from './human.ts';
import { titleOf } from './job-view.ts';
import type { WireJob, WireJobEvent } from './wire.ts';

/** Tells a person how a job goes on, on standard error. */
export interface JobReporter {
  begin: (job: WireJob) => void;
  event: (event: WireJobEvent) => void;
  end: () => void;
}

export async function createReporter(stderr: Writable, isTty: boolean): Promise<JobReporter> {
  if (!isTty) return createLineReporter(stderr);
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream: stderr,
    format: '{title} [{bar}] {percentage}% {done} {step}',
    barCompleteChar: '#',
    barIncompleteChar: '-',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
  });
  return createBarReporter(stderr, bar);
}

interface Progress {
  bytesDone: number;
  bytesTotal: number | undefined;
}

function progressIn({ data }: WireJobEvent): Progress | undefined {
  const { bytes_done: done, bytes_total: total } = data;
  if (typeof done !== 'number') return undefined;
  return { bytesDone: done, bytesTotal: typeof total === 'number' && total > 0 ? total : undefined };
}

function textIn({ data }: WireJobEvent, key: string): string {
  const text = data[key];
  return typeof text === 'string' ? oneLine(text) : '';
}

/** One line for each step, message and tenth of the bytes: for logs and pipes. */
export function createLineReporter(stderr: Writable): JobReporter {
  let title = '';
  let tenths = 0;
  const say = (text: string): void => void stderr.write(`${title}: ${text}\n`);
  return {
    begin: (job) => {
      title = titleOf(job);
      tenths = 0;
      say(`job ${job.id} ${job.state}`);
    },
    event: (event) => {
      if (event.kind === 'step') say(textIn(event, 'step'));
      if (event.kind === 'log') say(textIn(event, 'message'));
      if (event.kind === 'state' && textIn(event, 'state') !== 'queued') say(textIn(event, 'state'));
      const progress = event.kind === 'progress' ? progressIn(event) : undefined;
      if (progress?.bytesTotal === undefined) return;
      const now = Math.floor((progress.bytesDone / progress.bytesTotal) * 10);
      // What is taken back begins anew.
      if (now < tenths) tenths = now;
      if (now <= tenths) return;
      tenths = now;
      say(`${now * 10} % (${humanBytes(progress.bytesDone)} of ${humanBytes(progress.bytesTotal)})`);
    },
    end: () => undefined,
  };
}

/** A bar that grows; what must stay is written above it. */
function createBarReporter(stderr: Writable, bar: SingleBar): JobReporter {
  let title = '';
  let step = 'queued';
  const shown = (done: string): object => ({ title, step, done });
  return {
    begin: (job) => {
      title = titleOf(job);
      bar.start(1, 0, shown(''));
    },
    event: (event) => {
      if (event.kind === 'log') {
        // Over the bar's own line, which is drawn again below.
        stderr.write(`\r\u001b[K${title}: ${textIn(event, 'message')}\n`);
      }
      if (event.kind === 'step') step = textIn(event, 'step');
      if (event.kind === 'state') step = textIn(event, 'state');
      const progress = event.kind === 'progress' ? progressIn(event) : undefined;
      if (progress === undefined) {
        bar.update(shown(''));
        return;
      }
      if (progress.bytesTotal !== undefined) bar.setTotal(progress.bytesTotal);
      bar.update(
        progress.bytesTotal === undefined ? 0 : progress.bytesDone,
        shown(humanBytes(progress.bytesDone)),
      );
    },
    end: () => bar.stop(),
  };
}
