import { Flex, Form, Input, Select } from 'antd';
import { useId } from 'react';

import { HANDLINGS, type Handling, isIncomplete } from './handling';
import { useTexts } from './texts';

interface Props {
  value: Handling;
  isMissing: boolean;
  onChange: (value: Handling) => void;
}

/** How the matter is dealt with, as the caller was told (R117). */
export function HandlingChoice({ value, isMissing, onChange }: Props) {
  const t = useTexts();
  const id = useId();
  const set = (part: Partial<Handling>) => onChange({ ...value, ...part });
  const fault = isMissing || isIncomplete(value) ? { validateStatus: 'error' as const, help: t('handlingMissing') } : {};
  const moment = (key: 'due_at' | 'written_by', label: string) => (
    <Input type="datetime-local" aria-label={label} title={label} value={value[key] ?? ''} onChange={({ target }) => set({ [key]: target.value })} />
  );
  const words = (key: 'unit' | 'reason', label: string) => (
    <Input aria-label={label} placeholder={label} maxLength={200} value={value[key] ?? ''} onChange={({ target }) => set({ [key]: target.value })} />
  );
  return (
    <Form.Item layout="vertical" label={t('handling')} htmlFor={id} style={{ marginBottom: 0 }} {...fault}>
      <Flex vertical gap={8}>
        <Select
          id={id}
          aria-label={t('handling')}
          allowClear
          placeholder={t('chooseHandling')}
          value={value.as ?? null}
          options={HANDLINGS.map((as) => ({ value: as, label: t(`handling.${as}`) }))}
          onChange={(as: Handling['as'] | null) => set({ as: as ?? undefined })}
        />
        {value.as === 'accepted' ? moment('due_at', t('dueAt')) : null}
        {value.as === 'not_accepted' ? (
          <>
            {words('unit', t('unit'))}
            {moment('written_by', t('writtenBy'))}
          </>
        ) : null}
        {value.as === 'no_longer_accepted' ? words('reason', t('why')) : null}
      </Flex>
    </Form.Item>
  );
}
