/** Parameters without those that are not set: what a filter leaves empty is not asked for. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(set) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** The member of a list that a text of the address is; undefined for none of them. */
export function oneOf<const V extends string>(value: string, known: readonly V[]): V | undefined {
  return known.find((one) => one === value);
}
