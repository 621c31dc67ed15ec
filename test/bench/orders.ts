/** What the benchmark and its worker say to each other. */
export type Order =
  | { verb: 'backup'; image: string; full: boolean }
  | { verb: 'backup-volume'; volume: string }
  | { verb: 'restore'; pointId: string; plain: boolean }
  | { verb: 'restore-in-place'; pointId: string }
  | { verb: 'verify' | 'delete'; pointId: string };

export interface Done {
  seconds: number;
  cpuSeconds: number;
  /** Of the worker alone. */
  peakRssBytes: number;
  rbdPeakRssBytes: number;
  /** Seconds in each call of a driver; of a restore in place also in each of its steps. */
  parts: Record<string, number>;
  pointId?: string;
  kind?: string;
  storedBytes?: number;
  /** The image that a restore has made. */
  image?: string;
  /** The image that a restore in place has put aside. */
  keptImage?: string;
}

export type Answer = Done | { error: string };
