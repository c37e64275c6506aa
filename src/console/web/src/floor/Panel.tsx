import { type ReactNode, useId } from 'react';

import styles from './floor.module.css';

interface Props {
  title: string;
  /** A word at the heading's end. */
  note?: ReactNode;
  isWide?: boolean;
  children: ReactNode;
}

/** A part of the floor, with its heading. */
export function Panel({ title, note, isWide, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`${styles.panel ?? ''} ${isWide ? (styles.whole ?? '') : ''}`}>
      <div className={styles.head}>
        <h2 id={id} className={styles.heading}>
          {title}
        </h2>
        {note}
      </div>
      {children}
    </section>
  );
}
