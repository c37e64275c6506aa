import { client } from '../api/client';
import { KINDS } from '../events/kinds';
import type { Told } from '../events/source';
import { Lines } from './lines';

/** The service says something every 15 s, be it that nothing happens: after so long it is gone. */
const SILENCE_MS = 40_000;
const PAUSE_MS = 2_000;

/**
 * The stream of events for one who shows a token, which a browser's own reader of events cannot. It
 * begins anew for as long as it is not stopped.
 */
export function follow(tell: (told: Told) => void): () => void {
  const over = new AbortController();
  void followOn(tell, over.signal);
  return () => over.abort();
}

async function followOn(tell: (told: Told) => void, over: AbortSignal): Promise<void> {
  for (;;) {
    await once(tell, over).catch(() => undefined);
    if (over.aborted) return;
    tell({ what: 'away' });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function once(tell: (told: Told) => void, over: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const signal = AbortSignal.any([over, silence.signal]);
    const { response } = await client.GET('/api/v1/events', { parseAs: 'stream', signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    tell({ what: 'connected' });
    // What was missed before is read anew.
    tell({ what: 'event', kind: 'reset', data: '{}' });
    const lines = new Lines();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const { kind, data } of lines.take(value)) {
        const known = KINDS.find((one) => one === kind);
        if (known) tell({ what: 'event', kind: known, data });
      }
    }
  } finally {
    clearTimeout(timer);
  }
}
