import type { ComponentChildren, VNode } from 'preact';
import { Icon, type IconName } from './icons.tsx';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle';

const icons: Record<Tone, IconName> = {
  good: 'ok',
  warn: 'warning',
  bad: 'danger',
  busy: 'running',
  idle: 'waiting',
};

/** A state by colour, shape and word: never by colour alone. */
export function Badge({
  tone,
  title,
  children,
}: {
  tone: Tone;
  title?: string;
  children: ComponentChildren;
}): VNode {
  return (
    <span class={`badge ${tone}`} title={title}>
      <Icon name={icons[tone]} />
      {children}
    </span>
  );
}
