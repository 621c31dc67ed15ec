/** The member of a list that a text of the address is; undefined for none of them. */
export function oneOf<const V extends string>(value: string, known: readonly V[]): V | undefined {
  return known.find((one) => one === value);
}
