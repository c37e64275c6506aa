import { useSyncExternalStore } from 'react';

/** What has the focus, as far as it has a use of its own for keys. */
export interface FocusKind {
  /** Space presses it. */
  takesSpace: boolean;
  /** Arrows move within it. */
  takesArrows: boolean;
}

const PRESSED = 'button, a[href], input, summary, [role=button], [role=tab], [role=switch], [role=option]';
const MOVED = 'input[type=radio], [role=tab], [role=tablist], [role=radiogroup], [role=menu], [role=listbox], [role=combobox]';

/** What the element would do with keys. */
export function kindOf(element: Element | null): FocusKind {
  return { takesSpace: element?.matches(PRESSED) ?? false, takesArrows: element?.closest(MOVED) != null };
}

function watch(changed: () => void): () => void {
  document.addEventListener('focusin', changed);
  document.addEventListener('focusout', changed);
  return () => {
    document.removeEventListener('focusin', changed);
    document.removeEventListener('focusout', changed);
  };
}

/** Keys of the page's own stand back for what has the focus: Space still presses a button. */
export function useFocusKind(): FocusKind {
  const takesSpace = useSyncExternalStore(watch, () => kindOf(document.activeElement).takesSpace);
  const takesArrows = useSyncExternalStore(watch, () => kindOf(document.activeElement).takesArrows);
  return { takesSpace, takesArrows };
}
