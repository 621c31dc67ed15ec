import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { languageTag, t } from '../i18n/locale.ts';
import { scopeName } from '../layout/scope-name.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { formatDuration } from '../ui/format.ts';
import { now } from '../ui/now.ts';
import { expiringIn } from './expiry.ts';
import { changedElsewhere, forgetUser } from './session.ts';
import { SignInForm } from './sign-in-form.tsx';
import type { Session, SignInWays } from './session-types.ts';

interface SessionBannersProps {
  session: Session;
  ways: SignInWays;
  expired: boolean;
}

/** What the session has to say above a page: that it ends, that it ended, that another tab changed it. */
export function SessionBanners({ session, ways, expired }: SessionBannersProps): VNode {
  const [renewing, setRenewing] = useState(false);
  const leftMs = expiringIn(session.expires_at, now.value);
  return (
    <>
      {changedElsewhere.value && (
        <div class="banner" role="status">
          <span>{t('session.changed', { scope: scopeName(session.scope), user: session.user.name })}</span>
          <Button look="quiet" onClick={() => (changedElsewhere.value = false)}>
            {t('action.understood')}
          </Button>
        </div>
      )}
      {leftMs !== undefined && !expired && (
        <div class="banner warn" role="alert">
          <span>
            {t('session.expiring', { left: formatDuration(Math.ceil(leftMs / 60_000) * 60, languageTag()) })}
          </span>
          <Button onClick={() => setRenewing(true)}>{t('session.renew')}</Button>
        </div>
      )}
      {(renewing || expired) && (
        <Dialog
          title={expired ? t('session.expired') : t('session.renew')}
          {...(expired ? {} : { onClose: () => setRenewing(false) })}
        >
          <p>{t('session.again')}</p>
          <SignInForm ways={ways} again={session} onDone={() => setRenewing(false)} />
          <p>
            <Button look="quiet" onClick={forgetUser}>
              {t('session.other')}
            </Button>
          </p>
        </Dialog>
      )}
    </>
  );
}
