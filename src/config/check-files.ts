import { AppError } from '../base/errors.ts';
import type { AppConfig } from '../config.ts';
import { databaseUrlOf, readSecretFile } from './operation-settings.ts';
import type { ConfigProblem } from './read-file.ts';

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
    ['store.s3.secret_access_key_file', config.store.s3?.secret_access_key_file],
    ['encryption.key_file', config.encryption.key_file],
    ...config.encryption.old_key_files.map((path): [string, string] => ['encryption.old_key_files', path]),
  ];
  for (const [key, path] of files) if (path !== undefined) attempt(() => readSecretFile(key, path));
  return problems;
}
