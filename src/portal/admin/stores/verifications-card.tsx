import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { VNode } from 'preact';
import { api, take } from '../../api/client.ts';
import { currentSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioCards } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';
import { ErrorBox } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { useAction } from '../../ui/use-action.ts';
import { usePages } from '../../ui/use-pages.ts';
import { useSorting } from '../../ui/use-sorting.ts';
import { JobTable } from '../jobs/job-table.tsx';
import { readJobs } from '../read.ts';
import { ta, word } from '../text.ts';

const refreshMs = 15_000;
const shownJobs = 5;
const levels = ['quick', 'full', 'deep'] as const;
type Level = (typeof levels)[number];

/** The last verifications, and a new one of everything that is stored. */
export function VerificationsCard(): VNode {
  const [open, setOpen] = useState(false);
  const mayChange = currentSession()?.rights.administer === true;
  const { sort, sorting } = useSorting(['created_at', 'state'], 'verify_sort');
  const pages = usePages(
    `admin/verifications ${sort ?? ''}`,
    (marker, signal) => readJobs({ kind: 'verify', limit: shownJobs, sort, marker }, signal),
    refreshMs,
  );
  return (
    <Card
      title={ta('verify.title')}
      actions={
        mayChange && (
          <Button look="primary" onClick={() => setOpen(true)}>
            {ta('verify.now')}
          </Button>
        )
      }
    >
      <JobTable pages={pages} caption={ta('verify.title')} empty={ta('verify.never')} brief api={sorting} />
      {open && <VerifyDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}

function VerifyDialog({ onClose }: { onClose: () => void }): VNode {
  const [level, setLevel] = useState<Level>('quick');
  const { route } = useLocation();
  const { busy, error, run } = useAction(async () => {
    const body = { target: { all: true }, level } as const;
    const { job } = await take(api.POST('/v1/verifications', { body }));
    toast(ta('verify.begun'));
    route(`/portal/admin/jobs/${job.id}`);
  });
  return (
    <Dialog
      title={ta('verify.now')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{ta('action.back')}</Button>
          <Button look="primary" busy={busy} onClick={run}>
            {ta('verify.begin')}
          </Button>
        </>
      }
    >
      <RadioCards
        label={ta('verify.level')}
        value={level}
        onChange={setLevel}
        options={levels.map((value) => ({
          value,
          label: word('level', value),
          hint: ta(`verify.${value}Hint`),
        }))}
      />
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
