import { HolderOutlined } from '@ant-design/icons';
import { Button, Flex, Input, Tag, Typography, theme } from 'antd';
import type { DragEvent, KeyboardEvent } from 'react';

import { isComposing } from '../shortcuts/keys';
import styles from './codes.module.css';
import type { Fault, Place, Row, Step } from './rows';
import { useTexts } from './texts';

/** Where something that is dragged would land. */
export interface Over {
  id: string;
  place: Place;
}

interface Props {
  row: Row;
  isOut: boolean;
  parent: string | undefined;
  fault: Fault | undefined;
  /** The element that says how rows are moved. */
  how: string;
  over: Place | undefined;
  canGo: boolean;
  onChange: (part: Partial<Row>) => void;
  onStep: (way: Step) => void;
  onAdd: () => void;
  onDrop: () => void;
  onDrag: () => void;
  onOver: ((over: Over) => void) | undefined;
  onLand: () => void;
  onCancel: () => void;
}

const STEPS: Readonly<Record<string, Step>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowRight: 'in', ArrowLeft: 'out' };
const INDENT = 28;

/** One code: what it is called, and where it stands. */
export function CodeRow(props: Props) {
  const { row, isOut, parent, fault, over, onChange } = props;
  const t = useTexts();
  const { token } = theme.useToken();
  const name = row.name || row.code || t('unnamed');
  const press = (event: KeyboardEvent) => {
    const way = event.altKey ? STEPS[event.key] : undefined;
    if (!way || isComposing(event.nativeEvent)) return;
    event.preventDefault();
    props.onStep(way);
  };
  const line = `2px solid ${token.colorPrimary}`;
  const edge = { before: { borderTop: line }, after: { borderBottom: line }, inside: { outline: line } };
  return (
    <li
      data-row={row.id}
      className={styles.row}
      onKeyDown={press}
      onDragOver={(event) => {
        if (!props.onOver) return;
        event.preventDefault();
        props.onOver({ id: row.id, place: placeOf(event) });
      }}
      onDrop={(event) => {
        event.preventDefault();
        props.onLand();
      }}
      style={{ paddingInlineStart: row.depth * INDENT, ...(over ? edge[over] : {}) }}
    >
      <Button
        type="text"
        size="small"
        data-part="handle"
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData('text/plain', row.code);
          props.onDrag();
        }}
        onDragEnd={props.onCancel}
        icon={<HolderOutlined aria-hidden />}
        aria-label={t('move', { name })}
        aria-describedby={props.how}
        style={{ cursor: 'grab' }}
      />
      {parent === undefined ? null : <span className="unseen">{t('kindOf', { parent })}</span>}
      {row.isNew ? (
        <Input
          data-part="code"
          value={row.code}
          aria-label={t('codeOf', { name })}
          placeholder={t('code')}
          maxLength={64}
          onChange={({ target }) => onChange({ code: target.value })}
          {...(fault === undefined || fault === 'nameMissing' ? {} : { status: 'error' as const })}
          className="mono"
          style={{ width: 180 }}
        />
      ) : (
        <Typography.Text className="mono" delete={isOut} ellipsis title={row.code} style={{ width: 180 }}>
          {row.code}
        </Typography.Text>
      )}
      <Input
        value={row.name}
        aria-label={t('nameOf', { name })}
        placeholder={t('name')}
        maxLength={60}
        onChange={({ target }) => onChange({ name: target.value })}
        {...(fault === 'nameMissing' ? { status: 'error' as const } : {})}
        style={{ width: 180 }}
      />
      <Input
        value={row.name_en}
        aria-label={t('englishOf', { name })}
        placeholder={t('english')}
        maxLength={60}
        onChange={({ target }) => onChange({ name_en: target.value })}
        style={{ width: 200 }}
      />
      <Flex gap={4} align="center" wrap>
        <Button size="small" aria-label={t('addUnder', { name })} onClick={props.onAdd}>
          {t('addKind')}
        </Button>
        {row.isNew ? null : (
          <Button size="small" aria-pressed={row.retired} aria-label={t('retireOne', { name })} onClick={() => onChange({ retired: !row.retired })}>
            {row.retired ? t('useAgain') : t('retire')}
          </Button>
        )}
        {props.canGo ? (
          <Button size="small" danger aria-label={t('removeOne', { name })} onClick={props.onDrop}>
            {t('remove')}
          </Button>
        ) : null}
        {isOut ? <Tag>{t('retired')}</Tag> : null}
        {fault === undefined ? null : <Typography.Text type="danger">{t(`fault.${fault}`)}</Typography.Text>}
      </Flex>
    </li>
  );
}

/** The upper part of a row means before it, the lower part after it, the middle under it. */
function placeOf({ clientY, currentTarget }: DragEvent): Place {
  const { top, height } = currentTarget.getBoundingClientRect();
  const share = (clientY - top) / height;
  if (share < 0.3) return 'before';
  return share > 0.7 ? 'after' : 'inside';
}
