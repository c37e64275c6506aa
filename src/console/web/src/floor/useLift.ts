import { type KeyboardEvent, useState } from 'react';

import { moved } from './order';

/** Somebody who has been lifted out of the order, and where they would be put. */
export interface Lifted {
  agent: string;
  order: readonly string[];
}

/** Lifting by key or click: the way without a pointer that drags. */
export interface Lift {
  lifted: Lifted | undefined;
  toggle: (agent: string) => void;
  /** By so many places. */
  shift: (by: number) => void;
  drop: () => void;
  cancel: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

type Word = 'lifted' | 'movedTo' | 'dropped' | 'cancelled';

/** Says what happened with whom, for those who do not see it. */
export type Say = (word: Word, agent: string, place: number) => void;

export function useLift(order: readonly string[], say: Say, onOrder: (order: string[]) => void): Lift {
  const [lifted, setLifted] = useState<Lifted>();

  const shift = (by: number) => {
    if (!lifted) return;
    const from = lifted.order.indexOf(lifted.agent);
    const to = Math.min(Math.max(from + by, 0), lifted.order.length - 1);
    setLifted({ ...lifted, order: moved(lifted.order, from, to) });
    say('movedTo', lifted.agent, to + 1);
  };
  const drop = () => {
    if (!lifted) return;
    setLifted(undefined);
    say('dropped', lifted.agent, lifted.order.indexOf(lifted.agent) + 1);
    if (lifted.order.some((agent, place) => agent !== order[place])) onOrder([...lifted.order]);
  };
  const cancel = () => {
    if (!lifted) return;
    setLifted(undefined);
    say('cancelled', lifted.agent, order.indexOf(lifted.agent) + 1);
  };
  const toggle = (agent: string) => {
    if (lifted) return drop();
    setLifted({ agent, order });
    say('lifted', agent, order.indexOf(agent) + 1);
  };
  const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, Home: -order.length, End: order.length };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!lifted || (step === undefined && event.key !== 'Escape')) return;
    event.preventDefault();
    if (step === undefined) cancel();
    else shift(step);
  };
  return { lifted, toggle, shift, drop, cancel, onKeyDown };
}
