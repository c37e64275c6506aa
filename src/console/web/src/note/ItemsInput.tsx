import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Input } from 'antd';
import { useState } from 'react';

import { type Item, itemsOf, valueOf } from './items';
import { useTexts } from './texts';

interface Props {
  id: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** What somebody notifies us of, one thing after the other, each with its time, place and name (R084). */
export function ItemsInput({ id, value, onChange }: Props) {
  const t = useTexts();
  // An item that says nothing yet is none of the value, and stays on the screen all the same.
  const [edited, setEdited] = useState<readonly Item[]>([]);
  const isOwn = JSON.stringify(valueOf(edited)) === JSON.stringify(value ?? null);
  // What somebody else has saved, or an earlier page had left, takes the place of what stands here.
  const shown = isOwn ? edited : itemsOf(value);
  const items = shown.length > 0 ? shown : [{ text: '' }];
  const change = (next: readonly Item[]) => {
    setEdited(next);
    onChange(valueOf(next));
  };
  const edit = (at: number, part: Partial<Item>) => change(items.map((item, n) => (n === at ? { ...item, ...part } : item)));
  return (
    <Flex vertical gap={12}>
      {items.map((item, at) => (
        <Flex key={at} vertical gap={6} role="group" aria-label={t('item', { n: at + 1 })}>
          <Flex gap={6}>
            <Input
              {...(at === 0 ? { id } : {})}
              aria-label={t('itemText')}
              placeholder={t('itemText')}
              value={item.text}
              maxLength={500}
              onChange={({ target }) => edit(at, { text: target.value })}
            />
            <Button
              icon={<DeleteOutlined />}
              aria-label={t('removeItem', { n: at + 1 })}
              onClick={() => change(items.length > 1 ? items.toSpliced(at, 1) : [{ text: '' }])}
            />
          </Flex>
          <Flex gap={6} wrap>
            <Input
              type="datetime-local"
              aria-label={t('itemTime')}
              style={{ width: 190 }}
              value={item.time ?? ''}
              onChange={({ target }) => edit(at, { time: target.value })}
            />
            {(['place', 'name'] as const).map((part) => (
              <Input
                key={part}
                aria-label={t(`item.${part}`)}
                placeholder={t(`item.${part}`)}
                style={{ width: 120, flexGrow: 1 }}
                value={item[part] ?? ''}
                maxLength={500}
                onChange={({ target }) => edit(at, { [part]: target.value })}
              />
            ))}
          </Flex>
        </Flex>
      ))}
      <Flex>
        <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={() => change([...items, { text: '' }])}>
          {t('addItem')}
        </Button>
      </Flex>
    </Flex>
  );
}
