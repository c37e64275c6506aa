const keyOf = (user: string) => `thirdring.tone.${user}`;

/** Whether this user hears a tone when a call comes; so it is until he says otherwise. */
export function isToneOn(user: string, storage: Storage): boolean {
  return storage.getItem(keyOf(user)) !== 'off';
}

/** Switches the tone. A browser that keeps nothing goes on as it is. */
export function switchTone(user: string, isOn: boolean, storage: Storage): void {
  try {
    storage.setItem(keyOf(user), isOn ? 'on' : 'off');
  } catch {
    // Private windows may have no room.
  }
}
