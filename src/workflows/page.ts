/** Pages of lists. */
export interface PageRequest {
  limit: number;
  /** Id of the last item of the page before. */
  marker: string | undefined;
}

/** Of a list of the catalog. */
export interface SortedPageRequest extends PageRequest {
  /** Newest first when undefined. @throws INPUT_SORT for an order that the list does not have. */
  sort?: { by: string; direction: 'asc' | 'desc' } | undefined;
}

export interface Page<T> {
  items: T[];
  /** Marker of the next page; undefined on the last one. */
  nextMarker: string | undefined;
}
