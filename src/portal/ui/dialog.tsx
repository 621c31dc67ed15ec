import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../i18n/locale.ts';
import { Icon } from './icons.tsx';

interface DialogProps {
  title: string;
  /** Called for Escape and the cross; left out for one that must be answered. */
  onClose?: () => void;
  children: ComponentChildren;
  /** Buttons, in the order of reading. */
  actions?: ComponentChildren;
}

/** A modal dialog: the browser's own, which keeps the focus inside and gives it back at the end. */
export function Dialog({ title, onClose, children, actions }: DialogProps): VNode {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      // Preact removes the element at once, before the browser could give the focus back.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose !== undefined && (
          <button type="button" class="button quiet" onClick={onClose}>
            <Icon name="close" />
            <span class="sr-only">{t('action.close')}</span>
          </button>
        )}
      </header>
      <div class="dialog-body">{children}</div>
      {actions !== undefined && <footer class="dialog-actions">{actions}</footer>}
    </dialog>
  );
}
