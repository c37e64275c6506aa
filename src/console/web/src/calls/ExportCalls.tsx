import { Checkbox, Form, Segmented } from 'antd';

import { client } from '../api/client';
import { save } from '../api/save';
import { useMay } from '../session/context';
import { TakeOut } from '../states/TakeOut';
import { type Filters, queryOf } from './filters';
import { useTexts } from './texts';

const FORMATS = ['csv', 'json'] as const;

interface Wish {
  format: (typeof FORMATS)[number];
  reason: string;
  numbers?: boolean;
}

/** Takes the list out as a sheet (R232). */
export function ExportCalls({ filters }: { filters: Filters }) {
  const t = useTexts();
  const seesNumbers = useMay('reveal_number');
  const take = async ({ format, reason, numbers = false }: Wish) => {
    const body = { format, reason, numbers, filter: queryOf(filters) };
    const { data } = await client.POST('/api/v1/calls/export', { body, parseAs: 'blob' });
    save(data as unknown as Blob, `calls.${format}`);
  };
  if (!useMay('export_calls')) return null;
  return (
    <TakeOut<Wish>
      label={t('export')}
      advice={t('exportAdvice')}
      reason={{ label: t('exportReason'), missing: t('exportReasonMissing') }}
      initialValues={{ format: 'csv', reason: '' }}
      above={
        <Form.Item name="format" label={t('format')}>
          <Segmented options={FORMATS.map((value) => ({ value, label: t(`format.${value}`) }))} />
        </Form.Item>
      }
      below={
        seesNumbers ? (
          <Form.Item name="numbers" valuePropName="checked">
            <Checkbox>{t('fullNumbers')}</Checkbox>
          </Form.Item>
        ) : null
      }
      take={take}
    />
  );
}
