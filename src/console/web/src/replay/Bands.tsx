import { Tooltip } from 'antd';

import { lengthOf } from '../time/format';
import { type Placed } from './lanes';
import type { Loop } from './loop';
import styles from './replay.module.css';
import { useSpanText } from './useSpanText';

interface Props {
  placed: readonly Placed[];
  loop: Loop;
  durationMs: number;
}

/** What happened while the recording ran, over the waveform: gaps, holds, transfers, the loop. */
export function Bands({ placed, loop, durationMs }: Props) {
  const text = useSpanText();
  const end = loop && 'to' in loop ? loop.to : undefined;
  return (
    <div className={styles.bands}>
      {loop ? (
        <div
          className={styles.loop}
          style={{
            left: `${(100 * loop.from) / durationMs}%`,
            width: end === undefined ? 2 : `${(100 * (end - loop.from)) / durationMs}%`,
          }}
        />
      ) : null}
      {placed.map(({ span, what, left, width }, n) => (
        <Tooltip key={`${span.what} ${span.from_ms} ${n}`} title={`${text(span)} ${lengthOf(span.recording_from_ms ?? 0)}`}>
          <div className={`${styles.band} ${styles[what.colour]}`} style={{ left: `${left}%`, width: `max(3px, ${width}%)` }} />
        </Tooltip>
      ))}
    </div>
  );
}
