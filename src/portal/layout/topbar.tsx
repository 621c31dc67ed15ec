import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { t } from '../i18n/locale.ts';
import { signOut } from '../session/session.ts';
import type { Session } from '../session/session-types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { useAction } from '../ui/use-action.ts';
import { Preferences } from './preferences.tsx';
import { ScopeChoice } from './scope-choice.tsx';
import { scopeDomain, scopeName } from './scope-name.ts';

interface TopbarProps {
  session: Session;
  siderOpen: boolean;
  onMenu: () => void;
}

/** Where one works and as whom. */
export function Topbar({ session, siderOpen, onMenu }: TopbarProps): VNode {
  const [choosing, setChoosing] = useState(false);
  const { route } = useLocation();
  const leaving = useAction(signOut);
  return (
    <header class="topbar">
      <button
        type="button"
        class="button quiet menu-button"
        aria-expanded={siderOpen}
        aria-controls="sider"
        onClick={onMenu}
      >
        <Icon name="menu" />
        <span class="sr-only">{t('nav.open')}</span>
      </button>
      {session.restricted ? (
        <span class="scope" title={t('scope.restricted')}>
          <Icon name="project" />
          {scopeName(session.scope)}
        </span>
      ) : (
        <button
          type="button"
          class="button quiet scope"
          title={scopeDomain(session.scope)}
          onClick={() => setChoosing(true)}
        >
          <Icon name={session.scope.type === 'system' ? 'system' : 'project'} />
          <span class="sr-only">{t('scope.change')}</span>
          <span class="scope-name">{scopeName(session.scope)}</span>
          <Icon name="down" />
        </button>
      )}
      <span class="spacer" />
      <Preferences />
      <span
        class="user"
        title={`${session.user.domain.name} / ${session.user.name}: ${session.roles.join(', ')}`}
      >
        <Icon name="user" />
        <span class="user-name">{session.user.name}</span>
      </span>
      <Button look="quiet" busy={leaving.busy} onClick={leaving.run}>
        {t('session.signOut')}
      </Button>
      {choosing && (
        <Dialog title={t('scope.title')} onClose={() => setChoosing(false)}>
          <ScopeChoice
            session={session}
            onChosen={() => {
              setChoosing(false);
              route('/portal/');
            }}
          />
        </Dialog>
      )}
      {leaving.error !== undefined && (
        <Dialog title={t('session.signOut')} onClose={leaving.forget}>
          <ErrorBox error={leaving.error} onRetry={leaving.run} />
        </Dialog>
      )}
    </header>
  );
}
