import { type ReactNode, useId } from 'react';

import styles from './wallboard.module.css';

/** A part of the wallboard, with its heading. */
export function Panel({
  title,
  size,
  children,
}: {
  title: string;
  size?: 'quarter' | 'half' | 'whole';
  children: ReactNode;
}) {
  const id = useId();
  const width = size === undefined ? '' : (styles[size] ?? '');
  return (
    <section aria-labelledby={id} className={`${styles.panel ?? ''} ${width}`}>
      <h2 id={id} className={styles.heading}>
        {title}
      </h2>
      {children}
    </section>
  );
}
