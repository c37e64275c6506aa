import { useEffect } from 'react';

import { flashing } from './flash';

/** How long the message and the title are shown in turn. */
const TURN_MS = 700;

/** Flashes a message in the tab's title for as long as there is one. */
export function useFlash(message: string | undefined): void {
  useEffect(() => {
    if (message === undefined) return undefined;
    flashing.message = message;
    flashing.isOn = true;
    flashing.show();
    const timer = setInterval(() => {
      flashing.isOn = !flashing.isOn;
      flashing.show();
    }, TURN_MS);
    return () => {
      clearInterval(timer);
      flashing.message = undefined;
      flashing.isOn = false;
      flashing.show();
    };
  }, [message]);
}
