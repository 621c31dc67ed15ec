import { t } from '../i18n/locale.ts';
import type { Project, Scope } from '../session/session-types.ts';

export function projectName({ name, domain }: Project): string {
  return `${domain.name} / ${name}`;
}

export function scopeName(scope: Scope): string {
  if (scope.type === 'project') return projectName(scope.project);
  return scope.type === 'system' ? t('scope.system') : t('scope.none');
}
