import type { AppConfig } from '../config.ts';
import { readMasterKeys } from '../drivers/store/master-key-file.ts';
import type { MasterKeys } from '../drivers/store/master-key.ts';

/** Throws INPUT_KEY_FILE at the start rather than at the first backup. */
export async function masterKeys({ encryption }: Pick<AppConfig, 'encryption'>): Promise<MasterKeys> {
  return await readMasterKeys({
    keyFile: encryption.key_file,
    oldKeyFiles: encryption.old_key_files,
  });
}
