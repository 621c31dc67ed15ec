import type { ComponentChildren, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { Preferences } from '../layout/preferences.tsx';
import { SignInForm } from './sign-in-form.tsx';
import type { SignInWays } from './session-types.ts';

/** A page without navigation: before anybody is signed in, and before a project is chosen. */
export function DoorPage({ title, children }: { title: string; children: ComponentChildren }): VNode {
  useEffect(() => {
    document.title = `${title} - Emberkeep`;
  }, [title]);
  return (
    <div class="door">
      <header class="door-head">
        <span class="brand">Emberkeep</span>
        <Preferences />
      </header>
      <main class="door-box" id="main" tabIndex={-1}>
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  );
}

export function SignInPage({ ways }: { ways: SignInWays }): VNode {
  return (
    <DoorPage title={t('signIn.title')}>
      <p class="hint">{t('signIn.help')}</p>
      <SignInForm ways={ways} />
    </DoorPage>
  );
}
