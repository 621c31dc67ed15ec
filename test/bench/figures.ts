/** What one measurement says, by whatever it was made. */
import { stat } from 'node:fs/promises';
import type { Done } from './orders.ts';
import type { Measurement } from './report.ts';
import { measureShell } from './shell.ts';

export type Figures = Omit<Measurement, 'case' | 'subject' | 'turn'>;

/** The flush is measured, but apart: `>` does not wait for it, while what a store holds must be durable. */
export async function measureExport(line: string, file: string): Promise<Figures> {
  const figures = await measureShell(line);
  const sync = await measureShell(`sync ${file}`);
  return { ...figuresOfShell(figures, await sizeOf([file])), syncSeconds: sync.seconds };
}

/** All the time counts as transfer. */
export function figuresOfShell(
  figures: { seconds: number; cpuSeconds: number; peakRssBytes: number },
  storedBytes: number,
): Figures {
  return {
    ...figures,
    storedBytes,
    syncSeconds: 0,
    transferSeconds: figures.seconds,
    rbdPeakRssBytes: 0,
    parts: {},
  };
}

/** `transfer` is the part in which data flows. */
export function figuresOfJob(done: Done, transfer: string, storedBytes: number): Figures {
  const { seconds, cpuSeconds, peakRssBytes, rbdPeakRssBytes, parts } = done;
  const transferSeconds = parts[transfer] ?? 0;
  return {
    seconds,
    cpuSeconds,
    peakRssBytes,
    rbdPeakRssBytes,
    parts,
    storedBytes,
    transferSeconds,
    syncSeconds: 0,
  };
}

export async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
