import { steadyClock } from '../base/clock.ts';
import { sleep } from '../base/retry.ts';
import type { JobRow } from '../drivers/catalog/types.ts';
import { createInstancePauses } from '../drivers/openstack/instance-pause.ts';
import type { OpenStack } from '../drivers/openstack/openstack.ts';
import { rescuePaused } from '../workflows/backup/hold-still.ts';

/** For jobs whose worker died, before they wait for a free one. */
export function createRescue(openstack: OpenStack): (job: JobRow) => Promise<void> {
  const pauses = createInstancePauses(openstack, { clock: steadyClock, sleep });
  return async ({ kind, plan }) => {
    if (kind === 'backup') await rescuePaused({ pauses }, plan);
  };
}
