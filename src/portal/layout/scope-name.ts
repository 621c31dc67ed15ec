import { t } from '../i18n/locale.ts';
import type { Scope } from '../session/session-types.ts';

/** What a scope is called; names of projects are unique within their domain only, which goes beside it. */
export function scopeName(scope: Scope): string {
  if (scope.type === 'project') return scope.project.name;
  return scope.type === 'system' ? t('scope.system') : t('scope.none');
}

/** The domain of a scope's project; empty for what is in none. */
export function scopeDomain(scope: Scope): string {
  return scope.type === 'project' ? scope.project.domain.name : '';
}
