import { stat } from 'node:fs/promises';

/** Of all that the benchmark makes; the process's id follows. */
export const prefix = 'emberkeep-bench-';

/** Whether something of this name was made by a run that is gone. */
export async function isLeftover(name: string): Promise<boolean> {
  const [, pid] = /^emberkeep-bench-(\d+)/.exec(name) ?? [];
  if (pid === undefined) return false;
  return await stat(`/proc/${pid}`).then(
    () => false,
    () => true,
  );
}
