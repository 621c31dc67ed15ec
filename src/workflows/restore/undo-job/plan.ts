import type { RestorePlan } from '../plan.ts';

/** The restore's plan, with how far its undo is (I9). */
export interface UndoPlan extends RestorePlan {
  /** Everything was looked at and nothing refused: from here on disks may be in either state. */
  begun: boolean;
  /** What was there before is back: from here on it is finished, whatever fails. */
  back: boolean;
  /** What is not as it was before, in words. */
  remarks: string[];
}
