import { PlusOutlined } from '@ant-design/icons';
import { Alert, Button, Card, Flex, Form, Input, Typography } from 'antd';
import { useState } from 'react';

import type { Schema } from '../api/types';
import { Versions } from '../setup/Versions';
import { useSaveSection } from '../setup/useSaveSection';
import { Empty } from '../states/Empty';
import { ProblemAlert } from '../states/ProblemAlert';
import { HolidayTable } from './HolidayTable';
import { ImportDays } from './ImportDays';
import { type Holiday, type WrittenYear, faultsOf, lengthOf, withYear } from './days';
import { useTexts } from './texts';

interface Props {
  section: Schema<'SetupSection'>;
  year: number;
  known: Schema<'CalendarYear'> | undefined;
}

/** The days of a year, as they count now and as they are to be. */
export function YearEditor({ section, year, known }: Props) {
  const t = useTexts();
  const [before] = useState<readonly Holiday[]>(() => known?.holidays ?? []);
  const [holidays, setHolidays] = useState(before);
  const [source, setSource] = useState(known?.source ?? '');
  const { save, isSaving, error, invalidate } = useSaveSection('calendar', section);
  const faults = faultsOf(holidays, year);
  const isChanged = JSON.stringify(holidays) !== JSON.stringify(before) || source !== (known?.source ?? '');
  const rest = holidays.reduce((days, holiday) => days + lengthOf(holiday), 0);
  const worked = holidays.reduce((days, { workdays }) => days + workdays.length, 0);
  const keep = () => {
    const document = (section.document ?? {}) as { years?: WrittenYear[] };
    const years = withYear(document.years ?? [], year, source, holidays);
    save({ ...document, years }, source);
  };
  const add = () => {
    const last = holidays.at(-1)?.to;
    const from = last?.startsWith(`${year}-`) ? last : `${year}-01-01`;
    setHolidays([...holidays, { name: '', from, to: from, workdays: [] }]);
  };
  return (
    <Flex vertical gap={16}>
      <ProblemAlert error={error} />
      {known?.of_file ? <Alert type="info" showIcon title={t('ofFile')} /> : null}
      <Card
        size="small"
        title={t('days', { rest, worked })}
        extra={
          <Flex gap={8}>
            <ImportDays
              year={year}
              onRead={(read) => {
                setHolidays(read.holidays);
                if (read.source !== undefined) setSource(read.source);
              }}
            />
            <Button icon={<PlusOutlined aria-hidden />} onClick={add}>
              {t('add')}
            </Button>
          </Flex>
        }
      >
        {holidays.length === 0 ? (
          <Empty title={t('none', { year: String(year) })} advice={t('noneAdvice')} />
        ) : (
          <HolidayTable year={year} holidays={holidays} faults={faults} onChange={setHolidays} />
        )}
      </Card>
      <Form layout="inline" onFinish={keep}>
        <Form.Item label={t('source')} htmlFor="holidays-source">
          <Input
            id="holidays-source"
            maxLength={200}
            value={source}
            placeholder={t('sourceExample')}
            onChange={({ target }) => setSource(target.value)}
            style={{ width: 420 }}
          />
        </Form.Item>
        <Button
          type="primary"
          htmlType="submit"
          loading={isSaving}
          disabled={!isChanged || faults.size > 0}
          style={{ marginInlineEnd: 8 }}
        >
          {t('save')}
        </Button>
        <Button
          disabled={!isChanged}
          onClick={() => {
            setHolidays(before);
            setSource(known?.source ?? '');
          }}
        >
          {t('undo')}
        </Button>
      </Form>
      <Typography.Text type="secondary">{t('workdaysAdvice')}</Typography.Text>
      <Versions kind="calendar" name={section.name} version={section.version} onRestored={() => void invalidate()} />
    </Flex>
  );
}
