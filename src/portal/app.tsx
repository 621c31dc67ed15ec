import type { VNode } from 'preact';
import { LocationProvider, useLocation } from 'preact-iso';
import { t } from './i18n/locale.ts';
import { ScopeChoice } from './layout/scope-choice.tsx';
import { Shell } from './layout/shell.tsx';
import { forgetUser, loadSession, sessionState, signOut } from './session/session.ts';
import { DoorPage, SignInPage } from './session/sign-in-page.tsx';
import type { Session } from './session/session-types.ts';
import { Button } from './ui/button.tsx';
import { ErrorBox, Loading } from './ui/states.tsx';

/** What the browser itself loads under /portal/ is no page of ours: sign-in through another service. */
const pages = /^\/portal(?!\/(?:auth|api)\/)/;

export function App(): VNode {
  return (
    <LocationProvider scope={pages}>
      <Door />
    </LocationProvider>
  );
}

/** Lets in who is signed in and has chosen where to work. */
function Door(): VNode {
  const state = sessionState.value;
  switch (state.status) {
    case 'loading':
      return (
        <DoorPage title="Emberkeep">
          <Loading />
        </DoorPage>
      );
    case 'failed':
      return (
        <DoorPage title={t('state.unreachable')}>
          <ErrorBox error={state.error} onRetry={() => void loadSession()} />
        </DoorPage>
      );
    case 'signed-out':
      return <SignInPage ways={state.ways} />;
    case 'signed-in':
      return state.session.scope.type === 'unscoped' ? (
        <ChoicePage session={state.session} />
      ) : (
        <Shell session={state.session} ways={state.ways} expired={state.expired} />
      );
  }
}

function ChoicePage({ session }: { session: Session }): VNode {
  const { path, route } = useLocation();
  return (
    <DoorPage title={t('scope.title')}>
      <p class="hint">{t('scope.help', { user: session.user.name })}</p>
      <ScopeChoice session={session} onChosen={() => route(path, true)} />
      <p>
        <Button look="quiet" onClick={() => void signOut().catch(forgetUser)}>
          {t('session.signOut')}
        </Button>
      </p>
    </DoorPage>
  );
}
