/** Pages of lists. */
export interface PageRequest {
  limit: number;
  /** Id of the last item of the page before. */
  marker: string | undefined;
  /** The other way round than the list usually is; only where it is by time. */
  oldestFirst?: boolean | undefined;
}

export interface Page<T> {
  items: T[];
  /** Marker of the next page; undefined on the last one. */
  nextMarker: string | undefined;
}
