import type { Restore } from '../read.ts';
import { ta, word } from '../text.ts';

/** What is restored, and how; by the name that its source had. */
export function restoreTitle({ source_name: name, mode }: Restore): string {
  return ta('approvals.single', { name: name ?? '', mode: word('mode', mode) });
}
