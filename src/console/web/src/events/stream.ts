import { type EventKinds, type Kind } from './kinds';
import { Source, type Told } from './source';
import type { Said } from './worker';

/** How the connection to the service is. */
export type Connection = 'connecting' | 'connected' | 'away';

type Listener<K extends Kind> = (data: EventKinds[K]) => void;

/** What happens, as it happens, for this tab. */
export class Stream {
  connection: Connection = 'connecting';
  private readonly listeners = new Map<Kind, Set<Listener<Kind>>>();
  private readonly watchers = new Set<() => void>();

  /** Hears one kind of event until the function that is given back is called. */
  on<K extends Kind>(kind: K, listener: Listener<K>): () => void {
    const all = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, all);
    const known = listener as Listener<Kind>;
    all.add(known);
    return () => void all.delete(known);
  }

  /** Is told when the connection changes. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Takes what the source told. */
  take(told: Told): void {
    if (told.what === 'event') {
      // The service writes JSON in one line; nobody else has this address.
      const data = JSON.parse(told.data) as EventKinds[Kind];
      this.listeners.get(told.kind)?.forEach((listener) => listener(data));
      return;
    }
    this.connection = told.what;
    this.watchers.forEach((watcher) => watcher());
  }

  /** Begins to listen; the function that is given back ends it. */
  open(): () => void {
    return typeof SharedWorker === 'undefined' ? this.openOwn() : this.openShared();
  }

  /** Tablets' browsers share no worker. */
  private openOwn(): () => void {
    const source = new Source((told) => this.take(told));
    source.open();
    return () => source.close();
  }

  private openShared(): () => void {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'thirdring events',
    });
    const { port } = worker;
    port.onmessage = ({ data }: MessageEvent<Told>) => this.take(data);
    const leave = () => port.postMessage('bye' satisfies Said);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }
}
