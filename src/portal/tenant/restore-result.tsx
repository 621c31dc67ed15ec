import type { VNode } from 'preact';
import type { Restore } from '../api/types.ts';
import { t } from '../i18n/locale.ts';
import { Code } from '../ui/code.tsx';
import { formatBytes } from '../ui/format.ts';
import { Said } from '../ui/said.tsx';
import { Card } from '../ui/page.tsx';

/** What a restore made, and where what was there before is. */
export function RestoreResult({ restore: { disks, instance } }: { restore: Restore }): VNode {
  return (
    <Card title={t('result.title')}>
      {instance !== null && (
        <p>
          {t('result.instance')} <a href={`/portal/instances/${instance.id}`}>{instance.name}</a> (
          {instance.flavor})
        </p>
      )}
      {instance !== null && <Notes notes={instance.said_notes} />}
      <ul class="result">
        {disks.map((disk) => (
          <li key={disk.disk_key}>
            <strong>{disk.device ?? disk.disk_key}</strong> {formatBytes(disk.size_bytes)}
            <ResultText disk={disk} />
            <Notes notes={disk.said_notes} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function ResultText({ disk }: { disk: Restore['disks'][number] }): VNode {
  const kept = disk.kept_image ?? disk.kept_snapshot;
  if (kept !== null) {
    return (
      <p>
        {t('result.inPlace')} {t('result.kept')} <Code text={kept} />
      </p>
    );
  }
  return (
    <p>
      {disk.new_volume_id === null ? (
        <>
          {t('result.image')} <Code text={disk.image} />
        </>
      ) : (
        <>
          {t('result.volume')} <a href={`/portal/volumes/${disk.new_volume_id}`}>{disk.new_volume_id}</a>
        </>
      )}
      {disk.replaced_volume_id !== null && (
        <>
          {' '}
          {t('result.replaced')}{' '}
          <a href={`/portal/volumes/${disk.replaced_volume_id}`}>{disk.replaced_volume_id}</a>
        </>
      )}
    </p>
  );
}

/** What came out otherwise than recorded. */
function Notes({ notes }: { notes: Restore['disks'][number]['said_notes'] }): VNode | null {
  if (notes.length === 0) return null;
  return (
    <ul class="notes">
      {notes.map(({ text, code, params }) => (
        <li key={text}>
          <Said kind="note" code={code} params={params} english={text} />
        </li>
      ))}
    </ul>
  );
}
