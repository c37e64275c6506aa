import { ArrowDownOutlined, ArrowUpOutlined, CheckOutlined, CloseOutlined, HolderOutlined } from '@ant-design/icons';
import { Button, Flex } from 'antd';
import type { PointerEvent } from 'react';

import { AgentState } from '../agents/AgentState';
import styles from './floor.module.css';
import { useTexts } from './texts';
import type { Dragged } from './useDrag';
import type { Lift } from './useLift';

interface Props {
  name: string;
  state: string | undefined;
  /** From 0. */
  place: number;
  count: number;
  /** Absent where this one cannot be moved now. */
  lift: Lift | undefined;
  isLifted: boolean;
  dragged: Dragged | undefined;
  /** The element that says how it is done. */
  hint: string;
  onPointerDown: (event: PointerEvent) => void;
  onClick: (isByPointer: boolean) => void;
}

/** One agent in the hunting order, with the handle to move them by. */
export function HuntRow({ name, state, place, count, lift, isLifted, dragged, hint, onPointerDown, onClick }: Props) {
  const t = useTexts();
  const isMoving = isLifted || dragged?.from === place;
  const edge = dragged?.to === place && dragged.from !== place ? (dragged.to < dragged.from ? 'above' : 'below') : undefined;
  const classes = [styles.place, isMoving ? styles.lifted : undefined, edge && styles[edge]];
  return (
    <li className={classes.filter(Boolean).join(' ')}>
      <span className={styles.placeNumber} aria-hidden>
        {place + 1}
      </span>
      {lift ? (
        <Button
          type="text"
          size="small"
          className={styles.handle ?? ''}
          icon={<HolderOutlined />}
          aria-label={t('handle', { agent: name, place: place + 1, count })}
          aria-describedby={hint}
          aria-pressed={isLifted}
          onPointerDown={onPointerDown}
          onClick={({ detail }) => onClick(detail > 0)}
          onKeyDown={lift.onKeyDown}
        />
      ) : null}
      <span>{name}</span>
      {state === undefined ? null : <AgentState state={state} />}
      {lift && isLifted ? (
        <Flex gap={2}>
          <Button size="small" type="text" icon={<ArrowUpOutlined />} aria-label={t('up')} onClick={() => lift.shift(-1)} />
          <Button size="small" type="text" icon={<ArrowDownOutlined />} aria-label={t('down')} onClick={() => lift.shift(1)} />
          <Button size="small" type="text" icon={<CheckOutlined />} aria-label={t('drop')} onClick={lift.drop} />
          <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('cancel')} onClick={lift.cancel} />
        </Flex>
      ) : null}
    </li>
  );
}
