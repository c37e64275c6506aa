import { useEffect, useRef } from 'react';
import WaveSurfer from 'wavesurfer.js';

import { nonce } from '../app/nonce';
import { usePreferences } from '../preferences/context';
import { type Level, levelFor, scaleOf } from './peaks';
import styles from './replay.module.css';
import { useTexts } from './texts';

/** The colours of the two sides: what was heard already is stronger. */
const COLOURS = {
  light: { caller: ['#1554ad', '#0b3270'], agent: ['#b0540a', '#6b3104'], cursor: '#d4380d' },
  dark: { caller: ['#5b9bf0', '#a9cdff'], agent: ['#e2964a', '#ffd0a1'], cursor: '#ff7a45' },
} as const;
const HEIGHT = 72;

interface Props {
  media: HTMLAudioElement;
  levels: readonly Level[];
  durationMs: number;
  onSeek: (ms: number) => void;
}

/** Both sides of a call, the caller above, drawn from the service's peaks. */
export function Waveform({ media, levels, durationMs, onSeek }: Props) {
  const t = useTexts();
  const { isDark } = usePreferences();
  const place = useRef<HTMLDivElement>(null);
  const seek = useRef(onSeek);
  useEffect(() => {
    seek.current = onSeek;
  });
  useEffect(() => {
    const container = place.current;
    const level = levelFor(levels, container?.clientWidth ?? 0);
    if (!container || !level) return undefined;
    const { caller, agent, cursor } = isDark ? COLOURS.dark : COLOURS.light;
    const channel = ([waveColor, progressColor]: readonly [string, string]) => ({ waveColor, progressColor });
    const wave = WaveSurfer.create({
      container,
      media,
      peaks: level.channels.map((values) => values),
      duration: durationMs / 1000,
      height: HEIGHT,
      // Both by the same measure: who was louder looks louder.
      barHeight: scaleOf(level),
      splitChannels: [channel(caller), channel(agent)],
      cursorColor: cursor,
      cursorWidth: 2,
      cspNonce: nonce,
      // The page seeks by itself: nothing is asked for before it is played.
      interact: true,
      dragToSeek: false,
    });
    wave.on('interaction', (seconds) => seek.current(seconds * 1000));
    wave.on('redrawcomplete', () => container.setAttribute('data-drawn', 'true'));
    return () => wave.destroy();
  }, [media, levels, durationMs, isDark]);
  return <div ref={place} className={styles.wave} style={{ minHeight: 2 * HEIGHT }} role="img" aria-label={t('waveform')} />;
}
