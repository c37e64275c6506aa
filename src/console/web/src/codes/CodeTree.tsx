import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Typography } from 'antd';
import { useEffect, useId, useRef, useState } from 'react';

import { CodeRow, type Over } from './CodeRow';
import styles from './codes.module.css';
import { type Row, type Step, add, canGo, drop, faultsOf, isOut, parentOf, put, step } from './rows';
import { useTexts } from './texts';

/** A tree of codes that is edited: by the mouse, and by the keys alone. */
export function CodeTree({
  label,
  rows,
  onChange,
}: {
  label: string;
  rows: readonly Row[];
  onChange: (rows: readonly Row[]) => void;
}) {
  const t = useTexts();
  const how = useId();
  const list = useRef<HTMLUListElement>(null);
  const added = useRef(0);
  const [dragged, setDragged] = useState<string>();
  const [over, setOver] = useState<Over>();
  const [told, setTold] = useState('');
  // The row whose handle, or field, is to have the focus once it stands where it belongs.
  const [focused, setFocused] = useState<{ id: string; part: 'handle' | 'code' }>();
  const faults = faultsOf(rows);

  useEffect(() => {
    if (!focused) return;
    const row = list.current?.querySelector(`[data-row="${CSS.escape(focused.id)}"]`);
    row?.querySelector<HTMLElement>(`[data-part="${focused.part}"]`)?.focus();
  }, [focused]);

  const place = (all: readonly Row[], id: string) => {
    const at = all.findIndex((row) => row.id === id);
    const row = all[at];
    if (!row) return;
    const name = row.name || row.code;
    const parent = parentOf(all, at);
    setTold(parent ? t('placedUnder', { name, place: at + 1, parent: parent.name }) : t('placed', { name, place: at + 1 }));
  };
  const move = (id: string, way: Step) => {
    const moved = step(rows, id, way);
    onChange(moved);
    place(moved, id);
    setFocused({ id, part: 'handle' });
  };
  const begin = (under?: string) => {
    added.current += 1;
    const id = `new ${added.current}`;
    onChange(add(rows, under, id));
    setFocused({ id, part: 'code' });
  };
  const land = () => {
    if (dragged !== undefined && over !== undefined) {
      const moved = put(rows, dragged, over.id, over.place);
      onChange(moved);
      place(moved, dragged);
    }
    letGo();
  };
  const letGo = () => {
    setDragged(undefined);
    setOver(undefined);
  };
  return (
    <Flex vertical gap={12}>
      <Typography.Text type="secondary" id={how}>
        {t('how')}
      </Typography.Text>
      <ul ref={list} aria-label={label} className={styles.rows}>
        {rows.map((row, at) => (
          <CodeRow
            key={row.id}
            row={row}
            isOut={isOut(rows, at)}
            parent={parentOf(rows, at)?.name}
            fault={faults.get(row.id)}
            how={how}
            over={over?.id === row.id ? over.place : undefined}
            canGo={canGo(rows, row.id)}
            onChange={(part) => onChange(rows.map((one) => (one.id === row.id ? { ...one, ...part } : one)))}
            onStep={(way) => move(row.id, way)}
            onAdd={() => begin(row.id)}
            onDrop={() => onChange(drop(rows, row.id))}
            onDrag={() => setDragged(row.id)}
            onOver={dragged === undefined ? undefined : setOver}
            onLand={land}
            onCancel={letGo}
          />
        ))}
      </ul>
      <Flex>
        <Button icon={<PlusOutlined aria-hidden />} onClick={() => begin()}>
          {t('add')}
        </Button>
      </Flex>
      <span role="status" className="unseen">
        {told}
      </span>
    </Flex>
  );
}
