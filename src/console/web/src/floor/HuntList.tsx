import { Typography } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';

import { HuntRow } from './HuntRow';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';
import { useDrag } from './useDrag';
import { type Say, useLift } from './useLift';

interface Props {
  order: readonly string[];
  nameOf: NameOf;
  stateOf: (id: string) => string | undefined;
  /** Absent where the order is not to be changed. */
  onOrder: ((order: string[]) => void) | undefined;
}

/** The order, to be changed by dragging, and by keys for those who do not drag. */
export function HuntList({ order, nameOf, stateOf, onOrder }: Props) {
  const t = useTexts();
  const hint = useId();
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const say: Say = (word, agent, place) => setSaid(t(`said.${word}`, { agent: nameOf(agent), place, count: order.length }));
  const dropped = (wanted: string[]) => onOrder?.(wanted);
  const lift = useLift(order, say, dropped);
  const drag = useDrag(list, order, dropped);
  const { lifted } = lift;
  const shown = lifted?.order ?? order;

  // A row that moves takes its handle along, and the focus stays on that.
  useEffect(() => {
    if (lifted) list.current?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }, [lifted]);

  return (
    <>
      <ol ref={list} className={styles.list}>
        {shown.map((agent, place) => (
          <HuntRow
            key={agent}
            name={nameOf(agent)}
            state={stateOf(agent)}
            place={place}
            count={shown.length}
            lift={onOrder && (lifted === undefined || lifted.agent === agent) ? lift : undefined}
            isLifted={lifted?.agent === agent}
            dragged={drag.dragged}
            hint={hint}
            onPointerDown={(event) => {
              if (!lifted) drag.onPointerDown(event, place);
            }}
            onClick={(isByPointer) => {
              if (!(isByPointer && drag.endsDrag())) lift.toggle(agent);
            }}
          />
        ))}
      </ol>
      {onOrder ? (
        <Typography.Text type="secondary" id={hint}>
          {t('huntAdvice')}
        </Typography.Text>
      ) : null}
      <div role="status" className="unseen">
        {said}
      </div>
    </>
  );
}
