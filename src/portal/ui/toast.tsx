import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { t } from '../i18n/locale.ts';
import type { Tone } from './badge.tsx';
import { Icon } from './icons.tsx';

interface Toast {
  id: number;
  tone: Tone;
  text: string;
}

const toasts = signal<readonly Toast[]>([]);
const shownMs = 8000;
let lastId = 0;

/** Tells something that is done; errors belong on the page itself, where they stay. */
export function toast(text: string, tone: Tone = 'good'): void {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, tone, text }];
  setTimeout(() => dismiss(id), shownMs);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Where toasts appear; once a page. */
export function Toasts(): VNode {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <div class={`toast ${tone}`} key={id}>
          <Icon name={tone === 'good' ? 'ok' : 'info'} />
          <span>{text}</span>
          <button type="button" class="button quiet" onClick={() => dismiss(id)}>
            <Icon name="close" />
            <span class="sr-only">{t('action.close')}</span>
          </button>
        </div>
      ))}
    </div>
  );
}
