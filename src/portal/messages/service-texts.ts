/** What the service says in another tongue, by its codes; the rules of a template are at `fill` of service-words. */
export interface ServiceTexts {
  planStep: Readonly<Record<string, string>>;
  loss: Readonly<Record<string, string>>;
  jobStep: Readonly<Record<string, string>>;
  protection: Readonly<Record<string, string>>;
  /** Beside the steps: of plans, jobs and results. */
  note: Readonly<Record<string, string>>;
  /** A finding of a reconciliation, in its log. */
  finding: Readonly<Record<string, string>>;
  /** What a reconciliation does and why, and what stands in other sentences. */
  findingWord: Readonly<Record<string, string>>;
  /** Words that are parameters: `PARAMETER WORD`. */
  name: Readonly<Record<string, string>>;
  /** What to do about a problem of a plan. */
  remedy: Readonly<Record<string, string>>;
  /** Why a point is damaged, or could not be looked at. */
  damage: Readonly<Record<string, string>>;
  /** What an error means, and what to do. */
  error: Readonly<Record<string, string>>;
}
