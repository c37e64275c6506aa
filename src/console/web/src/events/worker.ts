/// <reference lib="webworker" />
import { Source, type Told } from './source';

/*
 * One stream for all tabs of this browser: over HTTP/1.1 a browser has six connections to a
 * service, and each tab would keep one.
 */

declare const self: SharedWorkerGlobalScope;

/** What a tab says to the worker: that it goes. */
export type Said = 'bye';

const ports = new Set<MessagePort>();
let source: Source | undefined;
let last: Told | undefined;

function tell(told: Told): void {
  if (told.what !== 'event') last = told;
  for (const port of ports) port.postMessage(told);
}

self.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  ports.add(port);
  // There is one thing that a tab says.
  port.onmessage = () => leave(port);
  if (source) {
    if (last) port.postMessage(last);
  } else {
    source = new Source(tell);
    source.open();
  }
};

function leave(port: MessagePort): void {
  ports.delete(port);
  port.close();
  if (ports.size > 0) return;
  source?.close();
  source = undefined;
  last = undefined;
}
