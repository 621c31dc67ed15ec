import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { Icon } from './icons.tsx';

/** An id as it is, with a button that copies it. */
export function Code({ text }: { text: string }): VNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <span class="code">
      <code>{text}</code>
      {/* Only where the page is secure there is a clipboard. */}
      {'clipboard' in navigator && (
        <button type="button" class="copy" onClick={() => void copy().catch(() => undefined)}>
          <Icon name={copied ? 'approval' : 'copy'} />
          <span class="sr-only">{copied ? t('action.copied') : t('action.copy', { text })}</span>
        </button>
      )}
    </span>
  );
}
