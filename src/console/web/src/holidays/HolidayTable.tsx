import { Button, DatePicker, Flex, Input, Table, Typography, type TableColumnsType } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';

import { type Fault, type Holiday, lengthOf } from './days';
import { useTexts } from './texts';

const DATE = 'YYYY-MM-DD';

interface Props {
  year: number;
  holidays: readonly Holiday[];
  faults: ReadonlyMap<number, Fault>;
  onChange: (holidays: Holiday[]) => void;
}

type Row = Holiday & { place: number };

/** Holidays, one a row: its name, its days, and what is worked for it. */
export function HolidayTable({ year, holidays, faults, onChange }: Props) {
  const t = useTexts();
  const set = (place: number, part: Partial<Holiday>) => {
    onChange(holidays.map((one, at) => (at === place ? { ...one, ...part } : one)));
  };
  const isElsewhere = (date: Dayjs) => date.year() !== year;
  const columns: TableColumnsType<Row> = [
    {
      title: t('name'),
      render: (_, { place, name }) => (
        <Input
          aria-label={t('nameOf', { place: place + 1 })}
          value={name}
          maxLength={40}
          onChange={({ target }) => set(place, { name: target.value })}
          {...(faults.get(place) === 'name' ? { status: 'error' as const } : {})}
          style={{ width: 140 }}
        />
      ),
    },
    {
      title: t('span'),
      render: (_, { place, name, from, to }) => (
        <DatePicker.RangePicker
          aria-label={t('spanOf', { name })}
          allowClear={false}
          value={[dayjs(from), dayjs(to)]}
          minDate={dayjs(`${year}-01-01`)}
          maxDate={dayjs(`${year}-12-31`)}
          onChange={(days) => {
            if (days?.[0] && days[1]) set(place, { from: days[0].format(DATE), to: days[1].format(DATE) });
          }}
          style={{ width: 260 }}
        />
      ),
    },
    { title: t('length'), align: 'right', render: (_, holiday) => lengthOf(holiday) },
    {
      title: t('workdays'),
      render: (_, { place, name, workdays }) => (
        <DatePicker
          multiple
          aria-label={t('workdaysOf', { name })}
          placeholder={t('noWorkdays')}
          disabledDate={isElsewhere}
          value={workdays.map((day) => dayjs(day))}
          onChange={(days: Dayjs[] | null) => set(place, { workdays: (days ?? []).map((day) => day.format(DATE)).sort() })}
          style={{ width: 280 }}
        />
      ),
    },
    {
      title: t('action'),
      render: (_, { place, name }) => {
        const fault = faults.get(place);
        return (
          <Flex gap={8} align="center">
            <Button
              size="small"
              danger
              aria-label={t('removeOne', { name })}
              onClick={() => onChange(holidays.filter((_one, at) => at !== place))}
            >
              {t('remove')}
            </Button>
            {fault === undefined ? null : <Typography.Text type="danger">{t(`fault.${fault}`)}</Typography.Text>}
          </Flex>
        );
      },
    },
  ];
  return (
    <Table
      rowKey="place"
      size="small"
      columns={columns}
      dataSource={holidays.map((holiday, place) => ({ ...holiday, place }))}
      pagination={false}
      scroll={{ x: 'max-content' }}
    />
  );
}
