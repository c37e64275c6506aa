/** A key as it is written here: `Ctrl+Shift+H`, `M`, `?`, `Escape`, `1`. */
export type Keys = string;

/** The keys of an event, as they are written here. Shift counts with letters and named keys only. */
export function keysOf(event: KeyboardEvent): Keys {
  const isLetter = /^[a-z]$/i.test(event.key);
  const isNamed = event.key.length > 1;
  const key = isLetter ? event.key.toUpperCase() : event.key === ' ' ? 'Space' : event.key;
  const parts: string[] = [];
  // On a Mac the command key stands where others have Ctrl.
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && (isLetter || isNamed)) parts.push('Shift');
  return [...parts, key].join('+');
}

/** Whether an input method is in the middle of something: then every key is its own. */
export function isComposing(event: KeyboardEvent): boolean {
  // Some browsers say it by the old code only, for the key that ends the composition.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return event.isComposing || event.key === 'Process' || event.keyCode === 229;
}

/** Kinds of input that nobody types into. */
const BUTTONS = ['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'];

/** Whether somebody types there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !BUTTONS.includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Whether a dialog is in front, which is to be answered first: a letter is meant for its fields. */
export function isAsked(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog]') !== null;
}
