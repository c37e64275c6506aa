import { type ReactNode, memo, useEffect, useRef, useState } from 'react';

import styles from './calls.module.css';
import { windowOf } from './windowOf';

export interface Column<T> {
  key: string;
  title: string;
  /** As CSS grid has it: `160px`, `1fr`. */
  width: string;
  render: (row: T) => ReactNode;
  /** The list can be ordered by it: how it is now, and what turns it. */
  order?: { now: 'ascending' | 'descending' | 'none'; onTurn: () => void };
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** The end comes into sight: more is wanted. */
  onEnd: () => void;
  /** What stands below the last row. */
  footer: ReactNode;
}

const ROW = 40;
const ARROWS = { ascending: ' ↑', descending: ' ↓', none: ' ↕' };
/** More is wanted so many rows before the end. */
const AHEAD = 40;

interface RowProps<T> {
  row: T;
  index: number;
  columns: readonly Column<T>[];
}

function Row<T>({ row, index, columns }: RowProps<T>) {
  const gridTemplateColumns = templateOf(columns);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={styles.row}
      style={{ gridTemplateColumns, position: 'absolute', top: index * ROW }}
    >
      {columns.map(({ key, render }) => (
        <div key={key} role="cell" className={styles.cell}>
          {render(row)}
        </div>
      ))}
    </div>
  );
}

/** A row that stays in sight is not drawn again while others come. */
const MemoRow = memo(Row) as typeof Row;

function templateOf(columns: readonly { width: string }[]): string {
  return columns.map(({ width }) => width).join(' ');
}

/** A table of any length: only the rows that can be seen are there. */
export function VirtualRows<T>({ label, columns, rows, keyOf, onEnd, footer }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ top, height }, setView] = useState({ top: 0, height: 600 });
  const [from, to] = windowOf(top, height, ROW, rows.length);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const isNearEnd = to + AHEAD >= rows.length;
  useEffect(() => {
    if (isNearEnd) onEnd();
  }, [isNearEnd, rows.length, onEnd]);

  return (
    <div ref={scroller} className={styles.scroller} tabIndex={0} role="region" aria-label={label}>
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className={styles.table}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row} style={{ gridTemplateColumns: templateOf(columns) }}>
            {columns.map(({ key, title, order }) => (
              <div
                key={key}
                role="columnheader"
                className={styles.cell}
                {...(order ? { 'aria-sort': order.now } : {})}
              >
                {order ? (
                  <button type="button" className={styles.order} onClick={order.onTurn}>
                    {title}
                    <span aria-hidden>{ARROWS[order.now]}</span>
                  </button>
                ) : (
                  title
                )}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.length * ROW }}>
          {rows.slice(from, to).map((row, index) => (
            <MemoRow key={keyOf(row)} row={row} index={from + index} columns={columns} />
          ))}
        </div>
      </div>
      <div className={styles.footer}>{footer}</div>
    </div>
  );
}
