import { type PointerEvent, type RefObject, useRef, useState } from 'react';

import { moved, placeAt } from './order';

/** A hand trembles: only what goes further than this many pixels is a drag. */
const SLOP = 4;

/** Somebody on the way to another place. */
export interface Dragged {
  from: number;
  to: number;
}

interface Drag {
  dragged: Dragged | undefined;
  /** For the handle of the row at this place. */
  onPointerDown: (event: PointerEvent, from: number) => void;
  /** Whether the click that comes now only ends a drag. */
  endsDrag: () => boolean;
}

/**
 * Dragging a row to another place, by mouse, pen or finger. The rows stay where they are until it is
 * dropped, so that the pointer's element is never taken away below it.
 */
export function useDrag(
  list: RefObject<HTMLElement | null>,
  order: readonly string[],
  onOrder: (order: string[]) => void,
): Drag {
  const [dragged, setDragged] = useState<Dragged>();
  const hasDragged = useRef(false);

  const onPointerDown = (event: PointerEvent, from: number) => {
    hasDragged.current = false;
    if (event.button !== 0) return;
    const { clientY: begin, pointerId } = event;
    let to: number | undefined;
    const move = (moves: globalThis.PointerEvent) => {
      if (moves.pointerId !== pointerId || (to === undefined && Math.abs(moves.clientY - begin) < SLOP)) return;
      const rows = Array.from(list.current?.children ?? [], (row) => row.getBoundingClientRect());
      to = placeAt(rows, moves.clientY);
      hasDragged.current = true;
      setDragged({ from, to });
    };
    const end = (ends: globalThis.PointerEvent) => {
      if (ends.pointerId !== pointerId) return;
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
      setDragged(undefined);
      if (ends.type === 'pointerup' && to !== undefined && to !== from) onOrder(moved(order, from, to));
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  };
  return {
    dragged,
    onPointerDown,
    endsDrag: () => {
      const ends = hasDragged.current;
      hasDragged.current = false;
      return ends;
    },
  };
}
