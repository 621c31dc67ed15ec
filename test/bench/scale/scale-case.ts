/** One thing that is measured on the filled database. */
export interface ScaleCase {
  name: string;
  /** Before each run, not measured. */
  prepare?: () => Promise<void>;
  /** Gives what there is to say of it, such as how many rows came. */
  run: () => Promise<string>;
}
