import type { ComponentChildren, VNode } from 'preact';
import { Icon, type IconName } from './icons.tsx';

type ButtonLook = 'primary' | 'plain' | 'danger' | 'quiet';

interface ButtonProps {
  look?: ButtonLook;
  icon?: IconName;
  type?: 'button' | 'submit';
  /** Work is under way: the button waits, and stays where the focus is. */
  busy?: boolean;
  disabled?: boolean;
  /** For a button whose text alone does not say on what it acts. */
  label?: string;
  expanded?: boolean;
  onClick?: () => void;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps): VNode {
  const { look = 'plain', icon, type = 'button', busy = false, disabled = false, label, expanded } = props;
  return (
    <button
      type={type}
      class={`button ${look}`}
      disabled={disabled}
      aria-disabled={busy}
      aria-busy={busy}
      aria-label={label}
      aria-expanded={expanded}
      title={label}
      onClick={(event) => {
        // A disabled button would lose the focus; a busy one just does nothing.
        if (busy) event.preventDefault();
        else props.onClick?.();
      }}
    >
      {busy ? <Icon name="running" /> : icon !== undefined && <Icon name={icon} />}
      {props.children}
    </button>
  );
}

interface LinkButtonProps {
  href: string;
  look?: ButtonLook;
  icon?: IconName;
  children?: ComponentChildren;
}

export function LinkButton({ href, look = 'plain', icon, children }: LinkButtonProps): VNode {
  return (
    <a class={`button ${look}`} href={href}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </a>
  );
}
