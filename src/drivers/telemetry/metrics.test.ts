import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';
import { serviceState as state, stateAt as at } from '../../../test/support/service-state.ts';

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('emberkeep_'));
}

test('what the database says is shown, and nothing of it once it is away; what was counted here stays', async () => {
  let isAway = false;
  const answer = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(state));
  const metrics = createMetrics({ version: '1.2.3', role: 'all', state: answer });
  metrics.jobEnded({ kind: 'backup', state: 'succeeded', seconds: 30 });
  metrics.backedUp({ read: 10, stored: 5 });
  metrics.transferred('export', 'volumes', 12);
  const seconds = at.getTime() / 1000;
  const there = linesOf(await metrics.render());
  for (const line of [
    'emberkeep_catalog_up 1',
    'emberkeep_build_info{version="1.2.3",role="all"} 1',
    'emberkeep_policy_sources{policy="daily"} 3',
    'emberkeep_policy_missed_sources{policy="daily"} 1',
    `emberkeep_policy_oldest_point_timestamp_seconds{policy="daily"} ${seconds}`,
    'emberkeep_source_newest_point_timestamp_seconds{policy="daily",kind="instance",source_id="s-1",project_id="p-1"} 0',
    'emberkeep_jobs{kind="backup",state="queued"} 2',
    'emberkeep_damaged_points 4',
    `emberkeep_last_verification_timestamp_seconds{level="full"} ${seconds}`,
    'emberkeep_store_bytes{store="main",name="default"} 1000',
    'emberkeep_store_links{store="old",name=""} 1',
    'emberkeep_store_up{name="default"} 1',
    'emberkeep_store_up{name="offsite"} 0',
    'emberkeep_store_free_bytes{store="main"} 9000',
    'emberkeep_jobs_ended_total{kind="backup",state="succeeded"} 1',
    'emberkeep_jobs_ended_total{kind="restore",state="failed"} 0',
    'emberkeep_job_duration_seconds_bucket{le="60",kind="backup"} 1',
    'emberkeep_backup_read_bytes_total 10',
    'emberkeep_transfer_bytes_total{direction="export",pool="volumes"} 12',
  ])
    assert.ok(there.includes(line), `${line}\n${there.join('\n')}`);
  isAway = true;
  const away = linesOf(await metrics.render());
  assert.ok(away.includes('emberkeep_catalog_up 0'));
  assert.ok(away.includes('emberkeep_backup_read_bytes_total 10'));
  assert.deepEqual(
    away.filter((line) => /policy|source|emberkeep_jobs\{|damaged|verification|store_/.test(line)),
    [],
  );
});
