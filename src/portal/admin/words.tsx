import type { VNode } from 'preact';
import { Badge, type Tone } from '../ui/badge.tsx';
import { word } from './text.ts';

const tones: Record<string, Tone> = {
  queued: 'idle',
  pending: 'idle',
  running: 'busy',
  succeeded: 'good',
  protected: 'good',
  done: 'good',
  stale: 'warn',
  left: 'warn',
  found: 'warn',
  drift: 'warn',
  rejected: 'warn',
  unprotected: 'bad',
  failed: 'bad',
};

/** A state of a job, a restore, a source or a finding. */
export function State({ state, title }: { state: string; title?: string }): VNode {
  return (
    <Badge tone={tones[state] ?? 'idle'} {...(title === undefined ? {} : { title })}>
      {word('state', state)}
    </Badge>
  );
}
