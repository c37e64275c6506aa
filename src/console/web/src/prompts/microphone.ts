import capture from './capture.worklet.ts?worker&url';
import { NoMicrophone } from './failure';
import type { Microphone } from './recorder';

/** Turns the microphone on; the browser asks whether it may. What it hears comes in blocks. */
export async function openMicrophone(hear: (block: Float32Array) => void): Promise<Microphone> {
  // Browsers hide it on pages that anybody on the way can change, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new NoMicrophone('insecure');
  const stream = await devices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
  const context = new AudioContext();
  const close = () => {
    stream.getTracks().forEach((track) => track.stop());
    void context.close();
  };
  try {
    await context.audioWorklet.addModule(capture);
    const node = new AudioWorkletNode(context, 'capture', { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => hear(data);
    context.createMediaStreamSource(stream).connect(node);
    await context.resume();
    return { rate: context.sampleRate, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** All blocks as one, at another rate. */
export async function resampled(blocks: readonly Float32Array[], from: number, to: number): Promise<Float32Array> {
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  if (length === 0) return new Float32Array();
  const offline = new OfflineAudioContext(1, Math.ceil((length * to) / from), to);
  const buffer = offline.createBuffer(1, length, from);
  let at = 0;
  for (const block of blocks) {
    buffer.copyToChannel(new Float32Array(block), 0, at);
    at += block.length;
  }
  const source = offline.createBufferSource();
  source.buffer = buffer;
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}
