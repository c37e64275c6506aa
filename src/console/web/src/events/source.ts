import { KINDS, type Kind } from './kinds';

/** Where the events come from. */
const URL_OF_EVENTS = '/api/v1/events';
/** Between two tries after the service has refused; it doubles up to the second. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** What a source tells: an event, or how the connection is. */
export type Told =
  | { what: 'event'; kind: Kind; data: string }
  | { what: 'connected' }
  | { what: 'away' };

/**
 * The stream of events. The browser itself comes back after a broken connection, and says by
 * Last-Event-ID what it had last. A refusal ends its efforts: then a new stream is begun, and
 * whoever listens reads everything anew.
 */
export class Source {
  private stream: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST_PAUSE_MS;
  private wasAway = false;

  constructor(private readonly tell: (told: Told) => void) {}

  open(): void {
    const stream = new EventSource(URL_OF_EVENTS);
    this.stream = stream;
    for (const kind of KINDS) {
      stream.addEventListener(kind, (event: MessageEvent<string>) => {
        this.tell({ what: 'event', kind, data: event.data });
      });
    }
    stream.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.tell({ what: 'connected' });
      if (this.wasAway) this.tell({ what: 'event', kind: 'reset', data: '{}' });
      this.wasAway = false;
    };
    stream.onerror = () => {
      this.tell({ what: 'away' });
      if (stream.readyState === EventSource.CLOSED) this.later();
    };
  }

  close(): void {
    clearTimeout(this.timer);
    this.stream?.close();
  }

  private later(): void {
    this.wasAway = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }
}
