/**
 * Cinder removes snapshots of exactly this form when a volume is deleted (cinder/volume/drivers/rbd.py,
 * `_delete_backup_snaps`); any other name sends the image to the trash for ever (I12).
 */
export function snapshotName(linkId: string, takenAt: Date): string {
  return `backup.${linkId}.snap.${Math.floor(takenAt.getTime() / 1000)}`;
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
