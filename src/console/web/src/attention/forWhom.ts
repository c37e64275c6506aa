import type { AttentionEvent } from '../events/kinds';

/** Who is in front of the screen. */
export interface Viewer {
  extension: string | undefined;
  /** The calls that he is in. */
  calls: readonly string[];
  /** He may come beside other agents' calls. */
  leads: boolean;
}

/**
 * Whether somebody is told of something at once: who serves the call, of all that is up to him; who
 * leads, of what is asked of him. Nobody is told of what he did himself.
 */
export function concerns(event: AttentionEvent, { extension, calls, leads }: Viewer): boolean {
  switch (event.what) {
    case 'hand':
      return leads && event.raised && event.agent !== extension;
    case 'escalated': {
      const isPassedOver = extension !== undefined && event.skipped.includes(extension);
      return event.agent !== extension && (leads || isPassedOver || event.to === extension);
    }
    case 'emergency':
      return leads && event.agent !== extension;
    case 'hold_is_long':
    case 'passed_on_often':
    case 'private_is_long':
    case 'stage_is_long':
      return calls.includes(event.call);
  }
}
