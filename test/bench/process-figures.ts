/** What Linux says of processes: /proc, because the figures of programs that others start are nowhere else. */
import { readFileSync } from 'node:fs';

const ticksPerSecond = 100;
const samplingMs = 50;

/** CPU seconds of a process with its threads, and of its children that have ended, each with theirs. */
export function cpuSeconds(pid: number | 'self'): { own: number; endedChildren: number } {
  // Fields 14 to 17 of proc(5); the name in field 2 may hold spaces and brackets.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = (field: number): number => Number(fields[field - 3]);
  return {
    own: (ticks(14) + ticks(15)) / ticksPerSecond,
    endedChildren: (ticks(16) + ticks(17)) / ticksPerSecond,
  };
}

/** The most memory that a process has held since it was started or since its `clear_refs` got a 5. */
export function peakRssBytes(pid: number | 'self'): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

/** Watches the programs of these names, a process and those below it; the answer is the sum of what each has held at most. */
export function watchPeaks(root: number, programs: readonly string[]): () => number {
  const peaks = new Map<number, number>();
  const timer = setInterval(() => {
    for (const pid of [root, ...descendants(root)]) {
      const bytes = peakOf(pid, programs);
      if (bytes > 0) peaks.set(pid, bytes);
    }
  }, samplingMs);
  return () => {
    clearInterval(timer);
    // Many short ones come one after the other; those that carry the data are the largest of their name.
    return [...peaks.values()]
      .sort((a, b) => b - a)
      .slice(0, programs.length)
      .reduce((sum, bytes) => sum + bytes, 0);
  };
}

/** CPU seconds of a process and of those below it, with their children that have ended. */
export function treeCpuSeconds(root: number): number {
  return [root, ...descendants(root)].reduce((sum, pid) => sum + cpuUnlessEnded(pid), 0);
}

/** Those that have ended are in their parent's figure. */
function cpuUnlessEnded(pid: number): number {
  try {
    const { own, endedChildren } = cpuSeconds(pid);
    return own + endedChildren;
  } catch {
    return 0;
  }
}

/** The most that a process and those below it hold at once; sampled. */
export function watchTree(root: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    const held = [root, ...descendants(root)].reduce((sum, pid) => sum + residentBytes(pid), 0);
    peak = Math.max(peak, held);
  }, samplingMs);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function residentBytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

/** 0 when the process is not of these programs, or has just ended. */
function peakOf(pid: number, programs: readonly string[]): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const name = /^Name:\t(.*)$/m.exec(status)?.[1] ?? '';
    if (!programs.includes(name)) return 0;
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
