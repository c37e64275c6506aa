import { Tooltip } from 'antd';

import type { Schema } from '../api/types';
import { lengthOf } from '../time/format';
import styles from './replay.module.css';

interface Props {
  markers: readonly Schema<'Marker'>[];
  durationMs: number;
  onSeek: (ms: number) => void;
}

/** The markers, where they are on the waveform. */
export function MarkerFlags({ markers, durationMs, onSeek }: Props) {
  return (
    <div className={styles.flags}>
      {markers.map(({ id, at_ms, text }) => (
        <Tooltip key={id} title={text}>
          <button
            type="button"
            className={styles.flag}
            aria-label={`${lengthOf(at_ms)} ${text ?? ''}`}
            style={{ left: `${(100 * at_ms) / Math.max(1, durationMs)}%` }}
            onClick={() => onSeek(at_ms)}
          />
        </Tooltip>
      ))}
    </div>
  );
}
