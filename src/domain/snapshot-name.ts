/**
 * Cinder removes snapshots of exactly this form when a volume is deleted (cinder/volume/drivers/rbd.py,
 * `_delete_backup_snaps`); any other name sends the image to the trash for ever (I12).
 */
export function snapshotName(linkId: string, takenAt: Date): string {
  return `backup.${linkId}.snap.${Math.floor(takenAt.getTime() / 1000)}`;
}

/**
 * Of a write-back: what was there before it, and what is there when that comes back. Of the same form, since Cinder *must*
 * remove them too; the id is the restore's, which no link has, so that no backup takes them for its own.
 */
export function writeBackNames(restoreId: string, now: Date): { safety: string; before: string } {
  const later = new Date(now.getTime() + 1000);
  return { safety: snapshotName(restoreId, now), before: snapshotName(restoreId, later) };
}

/** The link that a snapshot was taken for, when its name has our form; cinder-backup uses the same form for its own. */
export function linkIdOfSnapshot(name: string): string | undefined {
  return /^backup\.([0-9a-f-]{36})\.snap\.\d+$/.exec(name)?.[1];
}

/** When it was taken, by its name; undefined for names of another form. */
export function snapshotTime(name: string): Date | undefined {
  const seconds = /^backup\.[0-9a-f-]{36}\.snap\.(\d+)$/.exec(name)?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}
