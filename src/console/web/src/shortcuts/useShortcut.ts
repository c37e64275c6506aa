import { useEffect, useEffectEvent } from 'react';

import { type Shortcut, registry } from './registry';

/**
 * Has a key do something while the component is there. It does nothing while an input method
 * composes, nor in a text field unless `whileTyping`.
 */
export function useShortcut({ keys, label, group, run, whileTyping }: Shortcut, isOn = true): void {
  const pressed = useEffectEvent(run);
  useEffect(() => {
    if (!isOn) return undefined;
    return registry.add({ keys, label, group, run: () => pressed(), whileTyping: whileTyping ?? false });
  }, [keys, label, group, whileTyping, isOn]);
}
