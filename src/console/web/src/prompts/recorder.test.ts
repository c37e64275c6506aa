import { describe, expect, it, vi } from 'vitest';

import { NoMicrophone } from './failure';
import { type Microphone, Recorder, type Studio } from './recorder';

/** A studio whose microphone hears what it is told, at twice the rate of prompts. */
function studio() {
  let hear: (block: Float32Array) => void = () => undefined;
  const close = vi.fn();
  const open = vi.fn<Studio['open']>(async (listener) => {
    hear = listener;
    return Promise.resolve<Microphone>({ rate: 32_000, close });
  });
  const resample: Studio['resample'] = async (blocks) => {
    const all = blocks.flatMap((block) => [...block]);
    return Promise.resolve(new Float32Array(all.filter((_, n) => n % 2 === 0)));
  };
  return { open, resample, close, says: (...samples: number[]) => hear(new Float32Array(samples)) };
}

describe('a recorder', () => {
  it('records what the microphone hears, until it is stopped, and closes it', async () => {
    const made = studio();
    const recorder = new Recorder(made);
    const steps: string[] = [];
    recorder.watch(() => steps.push(recorder.now().step));
    await recorder.start();
    made.says(...Array.from({ length: 3200 }, () => 0.5));
    expect(recorder.now()).toEqual({ step: 'running', peak: 0.5, length_ms: 100 });
    await recorder.stop();
    made.says(1);
    expect(made.close).toHaveBeenCalledOnce();
    expect(recorder.now()).toMatchObject({ step: 'done', peak: 0.5, length_ms: 100, wav: { size: 44 + 2 * 1600 } });
    expect(steps).toEqual(['asking', 'running', 'running', 'done']);
  });

  it('says why it cannot', async () => {
    const refused = new Recorder({ ...studio(), open: () => Promise.reject(new DOMException('', 'NotAllowedError')) });
    await refused.start();
    expect(refused.now()).toEqual({ step: 'failed', failure: 'refused' });
    const insecure = new Recorder({ ...studio(), open: () => Promise.reject(new NoMicrophone('insecure')) });
    await insecure.start();
    expect(insecure.now()).toEqual({ step: 'failed', failure: 'insecure' });
  });

  it('turns a microphone off that is there too late', async () => {
    const made = studio();
    const recorder = new Recorder(made);
    const starting = recorder.start();
    recorder.close();
    await starting;
    expect(made.close).toHaveBeenCalledOnce();
    expect(recorder.now().step).toBe('asking');
  });

  it('stops by itself after the longest time', async () => {
    const made = studio();
    const recorder = new Recorder(made);
    await recorder.start();
    made.says(...Array.from({ length: 1000 }, () => 0));
    const second = Array.from({ length: 32_000 }, () => 0.1);
    for (let n = 0; n < 180; n += 1) made.says(...second);
    await vi.waitFor(() => expect(recorder.now().step).toBe('done'));
  });
});
