import type { VNode } from 'preact';
import { Badge, type Tone } from '../../ui/badge.tsx';
import type { Store } from '../read.ts';
import { ta } from '../text.ts';

const tones: Record<Store['state'], Tone> = { available: 'good', away: 'bad', unconfigured: 'idle' };

/** Whether the service has it and finds it. */
export function StoreState({ store }: { store: Store }): VNode {
  return <Badge tone={tones[store.state]}>{ta(`stores.state.${store.state}`)}</Badge>;
}
