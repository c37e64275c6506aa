import { useEffect } from 'react';

import { useAccount } from '../session/context';
import { isToneOn } from './toneChoice';

/** The ringing tone of China: 450 Hz, for one second of each ring. */
const HZ = 450;
const TONE_S = 1;
/** Loud enough to be noticed beside a headset, and no more. */
const VOLUME = 0.15;
/** How long the tone takes to come and go, so that it does not click. */
const EDGE_S = 0.02;

/** Sounds at each ring, unless the user has switched it off. */
export function useTone(ring: number | undefined): void {
  const { name } = useAccount();
  useEffect(() => {
    if (ring === undefined || !isToneOn(name, localStorage)) return undefined;
    const context = new AudioContext();
    // Before anybody has touched the page a browser lets nothing sound.
    if (context.state === 'running') sound(context);
    return () => void context.close();
  }, [ring, name]);
}

function sound(context: AudioContext): void {
  const tone = context.createOscillator();
  const gain = context.createGain();
  const begin = context.currentTime;
  tone.frequency.value = HZ;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(VOLUME, begin + EDGE_S);
  gain.gain.setValueAtTime(VOLUME, begin + TONE_S - EDGE_S);
  gain.gain.linearRampToValueAtTime(0, begin + TONE_S);
  tone.connect(gain).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + TONE_S);
}
