import { AppError } from '../base/errors.ts';
import type { AppConfig } from '../config.ts';
import { databaseUrlOf, readSecretFile } from './operation-settings.ts';
import type { ConfigProblem } from './read-file.ts';
import type { StoreConfig } from './store-settings.ts';

/** What is wrong with the files of secrets that the configuration names, as this user sees them on this machine. */
export function problemsOfFiles(config: AppConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const attempt = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push({ line: undefined, key: 'file', message: error.message });
    }
  };
  attempt(() => databaseUrlOf(config.database));
  const files: [string, string | undefined][] = [
    ['keystone.password_file', config.keystone.password_file],
    ['encryption.key_file', config.encryption.key_file],
    ...config.encryption.old_key_files.map((path): [string, string] => ['encryption.old_key_files', path]),
    ...config.storeList.flatMap(filesOfStore),
  ];
  for (const [key, path] of files) if (path !== undefined) attempt(() => readSecretFile(key, path));
  return problems;
}

function filesOfStore({ name, s3, encryption, isOneOfSeveral }: StoreConfig): [string, string | undefined][] {
  const section = isOneOfSeveral ? `stores.${name}` : 'store';
  const keyFiles = isOneOfSeveral ? [encryption.key_file, ...encryption.old_key_files] : [];
  return [
    [`${section}.s3.access_key_id_file`, s3?.accessKeyIdFile],
    [`${section}.s3.secret_access_key_file`, s3?.secretAccessKeyFile],
    ...keyFiles.map((path): [string, string | undefined] => [`${section}.encryption`, path]),
  ];
}
