import { Card, Tooltip } from 'antd';
import { useMemo } from 'react';

import { lengthOf } from '../time/format';
import { LANES, type Placed, type Timeline, lengthOfAxis, placed } from './lanes';
import styles from './replay.module.css';
import { useTexts } from './texts';
import { useSpanText } from './useSpanText';

const ROW = 22;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Everything that happened to a call on one axis, from its arrival to its end. */
export function Lanes({ line }: { line: Timeline }) {
  const t = useTexts();
  const lanes = useMemo(() => placed(line), [line]);
  const length = lengthOfAxis(line);
  return (
    <Card title={t('timeline')}>
      <div className={styles.lanes}>
        {LANES.filter((lane) => lanes.has(lane)).map((lane) => {
          const spans = lanes.get(lane) ?? [];
          const rows = Math.max(...spans.map(({ row }) => row)) + 1;
          return (
            <div key={lane} className={styles.lane}>
              <div className={styles.laneName}>{t(`lane.${lane}`)}</div>
              <ol className={styles.laneBody} style={{ height: rows * ROW + 6 }} aria-label={t(`lane.${lane}`)}>
                {spans.map((one, n) => (
                  <Piece key={n} one={one} />
                ))}
              </ol>
            </div>
          );
        })}
        <div className={styles.lane} aria-hidden>
          <div className={styles.laneName} />
          <div className={styles.ticks}>
            {TICKS.map((part) => (
              <span key={part} className="figures" style={{ left: `${part * 100}%` }}>
                {lengthOf(length * part)}
              </span>
            ))}
          </div>
        </div>
      </div>
    </Card>
  );
}

function Piece({ one: { span, what, row, left, width } }: { one: Placed }) {
  const text = useSpanText();
  const isPoint = width === 0;
  const words = text(span);
  const place = { left: `${left}%`, top: row * ROW + 3 };
  return (
    <Tooltip title={`${lengthOf(span.from_ms)} ${words}`}>
      <li
        className={`${isPoint ? styles.point : styles.piece} ${styles[what.colour]}`}
        style={isPoint ? place : { ...place, width: `max(4px, ${width}%)` }}
      >
        <span className={isPoint ? 'unseen' : styles.pieceText}>{words}</span>
      </li>
    </Tooltip>
  );
}
