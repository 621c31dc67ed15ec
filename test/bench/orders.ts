/** What the benchmark and its worker say to each other. */
export type Order =
  | { verb: 'backup'; image: string; full: boolean }
  | { verb: 'restore'; pointId: string; plain: boolean }
  | { verb: 'verify' | 'delete'; pointId: string };

export interface Done {
  seconds: number;
  cpuSeconds: number;
  /** Of the worker alone. */
  peakRssBytes: number;
  rbdPeakRssBytes: number;
  /** Seconds in each call of a driver. */
  parts: Record<string, number>;
  pointId?: string;
  kind?: string;
  storedBytes?: number;
  /** The image that a restore has made. */
  image?: string;
}

export type Answer = Done | { error: string };
