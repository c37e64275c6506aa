import { Alert, Flex, InputNumber, Select, Typography } from 'antd';
import dayjs from 'dayjs';
import { useSearchParams } from 'react-router';

import { api } from '../api/client';
import { InEffect } from '../setup/InEffect';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { CalendarYear } from './CalendarYear';
import { useTexts } from './texts';

/** Holidays and the days that are worked for them, calendar by calendar and year by year (R016). */
export default function HolidaysPage() {
  const t = useTexts();
  const [params, setParams] = useSearchParams();
  const calendars = api.useQuery('get', '/api/v1/calendars');
  const names = calendars.data?.items.map(({ name }) => name) ?? [];
  const name = params.get('calendar') ?? names[0];
  const year = Number(params.get('year')) || dayjs().year();
  const show = (calendar: string | undefined, wanted: number) => {
    setParams({ ...(calendar === undefined ? {} : { calendar }), year: String(wanted) }, { replace: true });
  };
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <>
            <Select
              aria-label={t('calendar')}
              value={name ?? null}
              options={names.map((value) => ({ value, label: value }))}
              onChange={(wanted) => show(wanted, year)}
              style={{ width: 200 }}
            />
            <InputNumber
              aria-label={t('year')}
              min={2000}
              max={2100}
              precision={0}
              value={year}
              onChange={(wanted) => {
                if (wanted !== null) show(name, wanted);
              }}
              style={{ width: 100 }}
            />
          </>
        }
      >
        {t('title')}
      </PageTitle>
      <InEffect />
      <Typography.Text type="secondary">{t('advice')}</Typography.Text>
      <Loaded query={calendars}>
        {({ items }) => {
          const calendar = items.find((one) => one.name === name);
          if (!calendar) return <Empty title={t('noCalendar')} advice={t('noCalendarAdvice')} />;
          return (
            <>
              {calendar.missing_year == null ? null : (
                <Alert type="warning" showIcon title={t('missing', { year: String(calendar.missing_year) })} />
              )}
              <CalendarYear key={`${calendar.name} ${year}`} calendar={calendar} year={year} />
            </>
          );
        }}
      </Loaded>
    </Flex>
  );
}
