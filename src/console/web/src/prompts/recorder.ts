import { type Failure, failureOf } from './failure';
import { peakOf } from './level';
import { wavOf } from './wav';

/** What prompts are kept at: more than any telephone hears. */
const RATE = 16_000;
/** Nobody listens to a prompt of more than this. */
const LONGEST_S = 180;

/** Where somebody is in recording. */
export type Recording =
  | { step: 'ready' }
  | { step: 'asking' }
  | { step: 'failed'; failure: Failure }
  | { step: 'running'; peak: number; length_ms: number }
  | { step: 'done'; peak: number; length_ms: number; wav: Blob; url: string };

/** A microphone that is on, until it is closed. */
export interface Microphone {
  /** Samples a second. */
  rate: number;
  close: () => void;
}

/** What the browser does for it. */
export interface Studio {
  open: (hear: (block: Float32Array) => void) => Promise<Microphone>;
  resample: (blocks: readonly Float32Array[], from: number, to: number) => Promise<Float32Array>;
}

/** Records from the microphone, which is on between start and stop only. */
export class Recorder {
  private recording: Recording = { step: 'ready' };
  private microphone: Microphone | undefined;
  private blocks: Float32Array[] = [];
  /** Which of several starts counts: whoever leaves while the browser asks wants none. */
  private turn = 0;
  private readonly watchers = new Set<() => void>();

  constructor(private readonly studio: Studio) {}

  readonly now = (): Recording => this.recording;

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  async start(): Promise<void> {
    const turn = this.close();
    this.blocks = [];
    this.say({ step: 'asking' });
    try {
      const opened = await this.studio.open((block) => this.hear(turn, block));
      if (turn !== this.turn) return opened.close();
      this.microphone = opened;
      this.say({ step: 'running', peak: 0, length_ms: 0 });
    } catch (error) {
      if (turn === this.turn) this.say({ step: 'failed', failure: failureOf(error) });
    }
  }

  async stop(): Promise<void> {
    if (!this.microphone) return;
    const { rate } = this.microphone;
    const turn = this.close();
    try {
      const samples = await this.studio.resample(this.blocks, rate, RATE);
      if (turn !== this.turn) return;
      const wav = new Blob([wavOf(samples, RATE)], { type: 'audio/wav' });
      const length_ms = (1000 * samples.length) / RATE;
      this.say({ step: 'done', peak: peakOf(samples), length_ms, wav, url: URL.createObjectURL(wav) });
    } catch {
      if (turn === this.turn) this.say({ step: 'failed', failure: 'failed' });
    }
  }

  /** Turns the microphone off, and forgets what was heard; gives the turn that begins. */
  close(): number {
    this.microphone?.close();
    this.microphone = undefined;
    if (this.recording.step === 'done') URL.revokeObjectURL(this.recording.url);
    this.turn += 1;
    return this.turn;
  }

  private hear(turn: number, block: Float32Array): void {
    if (turn !== this.turn || !this.microphone) return;
    this.blocks.push(block);
    const length = this.blocks.reduce((sum, { length }) => sum + length, 0);
    const length_ms = (1000 * length) / this.microphone.rate;
    this.say({ step: 'running', peak: peakOf(block), length_ms });
    if (length_ms >= 1000 * LONGEST_S) void this.stop();
  }

  private say(recording: Recording): void {
    this.recording = recording;
    this.watchers.forEach((watcher) => watcher());
  }
}
