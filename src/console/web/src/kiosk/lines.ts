/** An event as it comes over the stream (WHATWG HTML §9.2). */
export interface Received {
  kind: string;
  data: string;
  id: string | undefined;
}

/** Puts events together from pieces of the stream, wherever those were cut. */
export class Lines {
  private rest = '';
  private kind = '';
  private id: string | undefined;
  private data: string[] = [];

  /** The events that end in this piece. */
  take(piece: string): Received[] {
    const lines = (this.rest + piece).split('\n');
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.line(line.replace(/\r$/, '')));
  }

  private line(line: string): Received[] {
    if (line === '') return this.end();
    const at = line.indexOf(':');
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (field === 'event') this.kind = value;
    if (field === 'data') this.data.push(value);
    if (field === 'id') this.id = value;
    return [];
  }

  private end(): Received[] {
    const { kind, data, id } = this;
    this.kind = '';
    this.data = [];
    return data.length === 0 ? [] : [{ kind: kind || 'message', data: data.join('\n'), id }];
  }
}
