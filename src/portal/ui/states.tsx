import type { ComponentChildren, VNode } from 'preact';
import type { ApiError } from '../api/api-error.ts';
import { t } from '../i18n/locale.ts';
import { adviceFor } from './error-advice.ts';
import { Button } from './button.tsx';
import { Code } from './code.tsx';
import { Icon } from './icons.tsx';
import { ErrorSaid } from './said.tsx';

/** Lines where something will be; told to assistive technology once. */
export function Loading({ lines = 3 }: { lines?: number }): VNode {
  return (
    <div class="loading" role="status">
      <span class="sr-only">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span class="skeleton" aria-hidden="true" key={index} />
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  /** What to do about it. */
  children?: ComponentChildren;
}

export function Empty({ title, children }: EmptyProps): VNode {
  return (
    <div class="empty">
      <Icon name="info" />
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

interface ErrorBoxProps {
  error: ApiError;
  /** Tries again; left out where that would not help. */
  onRetry?: () => void;
}

/** What went wrong, what to do, and the request id that an operator will ask for. */
export function ErrorBox({ error, onRetry }: ErrorBoxProps): VNode {
  const advice = adviceFor(error);
  return (
    <div class={`error-box ${advice}`} role="alert">
      <p class="error-title">
        <Icon name={advice === 'forbidden' || advice === 'missing' ? 'off' : 'danger'} />
        {t(`error.${advice}.title`)}
      </p>
      <p>{t(`error.${advice}.what`)}</p>
      {error.type !== 'NETWORK' && <ErrorSaid code={error.type} english={error.message} />}
      <p class="error-facts">
        <span>
          {t('error.code')} <code>{error.type}</code>
        </span>
        {error.requestId !== undefined && (
          <span>
            {t('error.requestId')} <Code text={error.requestId} />
          </span>
        )}
      </p>
      {onRetry !== undefined && (
        <Button onClick={onRetry} icon="restore">
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}
