import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { toApiError } from '../api/api-error.ts';
import { t } from '../i18n/locale.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/form.tsx';
import { ErrorBox } from '../ui/states.tsx';
import { useAction } from '../ui/use-action.ts';
import { signIn } from './session.ts';
import type { Session, SignInWays } from './session-types.ts';

type Way = 'password' | 'application_credential';

interface SignInFormProps {
  ways: SignInWays;
  /** Who was signed in before: only the password is asked for. */
  again?: Session | undefined;
  onDone?: (() => void) | undefined;
}

export function SignInForm({ ways, again, onDone }: SignInFormProps): VNode {
  const offered = waysFor(ways, again);
  const [way, setWay] = useState<Way>(offered[0] ?? 'password');
  return (
    <div class="sign-in">
      {offered.length > 1 && (
        <div class="segments" role="group" aria-label={t('signIn.way')}>
          {offered.map((one) => (
            <button key={one} type="button" aria-pressed={one === way} onClick={() => setWay(one)}>
              {t(`signIn.${one}`)}
            </button>
          ))}
        </div>
      )}
      {way === 'password' ? (
        <PasswordForm ways={ways} again={again} onDone={onDone} />
      ) : (
        <ApplicationCredentialForm onDone={onDone} />
      )}
      {ways.websso.length > 0 && (
        <div class="websso">
          <p class="hint">{t('signIn.or')}</p>
          {ways.websso.map(({ protocol, label }) => (
            <a
              key={protocol}
              class="button plain"
              href={`/portal/auth/websso/${encodeURIComponent(protocol)}`}
              // The page that is open keeps what was being done: the other service gets a tab of its own.
              target={again === undefined ? undefined : '_blank'}
            >
              {t('signIn.with', { name: label })}
            </a>
          ))}
        </div>
      )}
    </div>
  );
}

/** Whoever comes again does so as before. */
function waysFor(ways: SignInWays, again: Session | undefined): Way[] {
  if (again !== undefined) return [again.restricted ? 'application_credential' : 'password'];
  return (['password', 'application_credential'] as const).filter((way) => ways[way]);
}

function PasswordForm({ ways, again, onDone }: SignInFormProps): VNode {
  const [user, setUser] = useState(again?.user.name ?? '');
  const [domain, setDomain] = useState(again?.user.domain.name ?? ways.default_domain);
  const [password, setPassword] = useState('');
  const [passcode, setPasscode] = useState('');
  const [needsPasscode, setNeedsPasscode] = useState(false);
  const { busy, error, run } = useAction(async () => {
    try {
      const more = needsPasscode ? { passcode } : {};
      await signIn({ method: 'password', user, domain, password, ...more });
      onDone?.();
    } catch (thrown) {
      // Not a failure: Keystone wants the second factor, and the same request comes again with it.
      if (needsPasscode || toApiError(thrown).type !== 'AUTH_PASSCODE_NEEDED') throw thrown;
      setNeedsPasscode(true);
    }
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <TextField
        label={t('signIn.user')}
        name="username"
        autocomplete="username"
        value={user}
        onInput={setUser}
        required
        disabled={again !== undefined}
        autoFocus={again === undefined}
      />
      <TextField
        label={t('signIn.domain')}
        name="domain"
        value={domain}
        onInput={setDomain}
        required
        disabled={again !== undefined}
      />
      <TextField
        label={t('signIn.passwordField')}
        name="password"
        type="password"
        autocomplete="current-password"
        value={password}
        onInput={setPassword}
        required
        autoFocus={again !== undefined}
      />
      {needsPasscode && (
        <TextField
          label={t('signIn.passcode')}
          hint={t('signIn.passcode.hint')}
          name="passcode"
          autocomplete="one-time-code"
          inputMode="numeric"
          value={passcode}
          onInput={setPasscode}
          required
          autoFocus
        />
      )}
      {error !== undefined && <ErrorBox error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        {t('signIn.action')}
      </Button>
    </form>
  );
}

function ApplicationCredentialForm({ onDone }: Pick<SignInFormProps, 'onDone'>): VNode {
  const [id, setId] = useState('');
  const [secret, setSecret] = useState('');
  const { busy, error, run } = useAction(async () => {
    await signIn({ method: 'application_credential', id, secret });
    onDone?.();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <TextField
        label={t('signIn.credentialId')}
        name="credential-id"
        value={id}
        onInput={setId}
        required
        autoFocus
      />
      <TextField
        label={t('signIn.credentialSecret')}
        name="credential-secret"
        type="password"
        value={secret}
        onInput={setSecret}
        required
      />
      {error !== undefined && <ErrorBox error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        {t('signIn.action')}
      </Button>
    </form>
  );
}
