// Runs beside the page, in the thread of the sound, and hands on what the microphone brings.

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** Samples that are handed on at a time: a twentieth of a second, or so. */
const BLOCK = 2048;

class Capture extends AudioWorkletProcessor {
  private block = new Float32Array(BLOCK);
  private filled = 0;

  process([input]: readonly (readonly Float32Array[])[]): boolean {
    for (const sample of input?.[0] ?? []) {
      this.block[this.filled] = sample;
      this.filled += 1;
      if (this.filled === BLOCK) this.handOn();
    }
    return true;
  }

  private handOn(): void {
    this.port.postMessage(this.block);
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
  }
}

registerProcessor('capture', Capture);
