import { useCallback, useEffect, useMemo, useState } from 'react';

import { type Loop, isOver, nextLoop } from './loop';
import { type Stretch, afterSilence } from './silence';
import { hearAt, placeAt } from './sound';
import { nextSpeed } from './speed';

/** A player of one recording, and how it stands. Times are milliseconds of the recording. */
export interface Player {
  media: HTMLAudioElement;
  at: number;
  isPlaying: boolean;
  speed: number;
  loop: Loop;
  skips: boolean;
  /** The recording could not be heard. */
  hasFailed: boolean;
  toggle: () => void;
  play: () => void;
  pause: () => void;
  seek: (ms: number) => void;
  step: (ms: number) => void;
  setSpeed: (speed: number) => void;
  turnSpeed: (step: 1 | -1) => void;
  turnLoop: () => void;
  setSkips: (skips: boolean) => void;
}

/** Plays what is at `url`. Nothing is asked for before somebody wants to hear it: each play is audited. */
export function usePlayer(url: string, durationMs: number, silences: readonly Stretch[]): Player {
  const media = useMemo(() => {
    const element = new Audio();
    element.preload = 'none';
    element.src = url;
    return element;
  }, [url]);
  const [at, setAt] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [loop, setLoop] = useState<Loop>();
  const [skips, setSkips] = useState(false);
  const [hasFailed, setFailed] = useState(false);

  useEffect(() => {
    const events = {
      play: () => setPlaying(true),
      pause: () => setPlaying(false),
      ended: () => setPlaying(false),
      seeking: () => setAt(media.currentTime * 1000),
      error: () => setFailed(true),
      playing: () => setFailed(false),
    };
    for (const [name, listener] of Object.entries(events)) media.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(events)) media.removeEventListener(name, listener);
      media.pause();
    };
  }, [media]);

  useEffect(() => hearAt(media, speed), [media, speed]);

  // Each picture while it plays: what the browser tells by itself comes four times a second.
  useEffect(() => {
    if (!isPlaying) return undefined;
    let frame = 0;
    const look = () => {
      const now = media.currentTime * 1000;
      const beyond = skips ? afterSilence(silences, now) : undefined;
      if (isOver(loop, now)) placeAt(media, loop.from);
      else if (beyond !== undefined) placeAt(media, beyond);
      setAt(now);
      frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [media, isPlaying, loop, skips, silences]);

  const seek = useCallback(
    (ms: number) => {
      const place = Math.min(Math.max(0, ms), durationMs);
      placeAt(media, place);
      setAt(place);
    },
    [media, durationMs],
  );
  const play = useCallback(() => void media.play().catch(() => setFailed(true)), [media]);
  const pause = useCallback(() => media.pause(), [media]);
  return {
    media,
    at,
    isPlaying,
    speed,
    loop,
    skips,
    hasFailed,
    play,
    pause,
    toggle: () => (media.paused ? play() : pause()),
    seek,
    step: (ms) => seek(media.currentTime * 1000 + ms),
    setSpeed,
    turnSpeed: (step) => setSpeed((now) => nextSpeed(now, step)),
    turnLoop: () => setLoop((now) => nextLoop(now, media.currentTime * 1000)),
    setSkips,
  };
}
