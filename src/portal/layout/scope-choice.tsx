import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { chooseScope } from '../session/session.ts';
import { choiceOf, isSameScope, type Scope, type Session } from '../session/session-types.ts';
import { Icon } from '../ui/icons.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { Empty, ErrorBox } from '../ui/states.tsx';
import { useAction } from '../ui/use-action.ts';
import { scopeDomain, scopeName } from './scope-name.ts';

const searchableFrom = 8;

/** The projects that the user may work in, and the system; choosing one needs no password again. */
export function ScopeChoice({ session, onChosen }: { session: Session; onChosen: () => void }): VNode {
  const [search, setSearch] = useState('');
  const { busy, error, run } = useAction(async (scope: Scope) => {
    const choice = choiceOf(scope);
    if (choice === undefined) return;
    await chooseScope(choice);
    onChosen();
  });
  const scopes = scopesOf(session);
  const wanted = search.toLowerCase();
  const shown = scopes.filter((scope) =>
    `${scopeName(scope)} ${scopeDomain(scope)}`.toLowerCase().includes(wanted),
  );
  if (scopes.length === 0) return <Empty title={t('scope.nothing')}>{t('scope.nothing.help')}</Empty>;
  return (
    <>
      {scopes.length >= searchableFrom && (
        <SearchField label={t('scope.search')} value={search} onSearch={setSearch} />
      )}
      {error !== undefined && <ErrorBox error={error} />}
      <ul class="choices">
        {shown.map((scope) => {
          const isCurrent = isSameScope(scope, session.scope);
          return (
            <li key={`${scopeDomain(scope)} ${scopeName(scope)}`}>
              <button
                type="button"
                class="choice"
                aria-current={isCurrent ? 'true' : undefined}
                aria-disabled={busy}
                onClick={() => run(scope)}
              >
                <Icon name={scope.type === 'system' ? 'system' : 'project'} />
                {scopeName(scope)} <span class="hint">{scopeDomain(scope)}</span>
                {isCurrent && <span class="hint current">{t('scope.current')}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function scopesOf({ projects, system }: Session): Scope[] {
  const sorted = projects.toSorted((one, other) => one.name.localeCompare(other.name));
  return [
    ...sorted.map((project): Scope => ({ type: 'project', project })),
    ...(system ? [{ type: 'system' } as const] : []),
  ];
}
