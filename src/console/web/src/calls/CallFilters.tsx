import { Button, DatePicker, Flex, Input, Select } from 'antd';
import dayjs from 'dayjs';

import { api } from '../api/client';
import { nameOf } from '../note/codes';
import { usePreferences } from '../preferences/context';
import { useMay } from '../session/context';
import { type FilterKey, type Filters, paramsOf } from './filters';
import { useTexts } from './texts';
import { DIRECTIONS, FLAGS, GRADES, HANGUP_PARTIES, OUTCOMES } from './words';

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** What the list is narrowed by. */
export function CallFilters({ filters, onChange }: Props) {
  const t = useTexts();
  const set = (key: FilterKey, value: string | null | undefined) => {
    onChange(paramsOf({ ...filters, [key]: value ?? '' }));
  };
  const day = (key: 'from' | 'to') => (
    <DatePicker
      aria-label={t(key === 'from' ? 'from' : 'to')}
      placeholder={t(key === 'from' ? 'from' : 'to')}
      value={filters[key] ? dayjs(filters[key]) : null}
      onChange={(date) => set(key, date?.format('YYYY-MM-DD'))}
      style={{ width: 130 }}
    />
  );
  const outcomes = OUTCOMES.map(({ name }) => ({ value: name, label: t(`outcome.${name}`) }));
  const grades = GRADES.map(({ name }) => ({ value: name, label: t(`grade.${name}`) }));
  const directions = DIRECTIONS.map((name) => ({ value: name, label: t(`direction.${name}`) }));
  const parties = HANGUP_PARTIES.map((name) => ({ value: name, label: t(`party.${name}`) }));
  const transferred = [
    { value: 'yes', label: t('wasTransferred') },
    { value: 'no', label: t('wasNot') },
  ];
  const seesNumbers = useMay('reveal_number');
  return (
    <Flex gap={8} wrap role="search" aria-label={t('filters')}>
      {day('from')}
      {day('to')}
      <LineSelect value={filters.line} onChange={(line) => set('line', line)} />
      <AgentSelect value={filters.agent} onChange={(agent) => set('agent', agent)} />
      <Choice label={t('outcome')} any={t('anyOutcome')} value={filters.outcome} options={outcomes} onChange={(outcome) => set('outcome', outcome)} />
      <Choice label={t('grade')} any={t('anyGrade')} value={filters.grade} options={grades} onChange={(grade) => set('grade', grade)} />
      <PurposeSelect line={filters.line} value={filters.purpose} onChange={(purpose) => set('purpose', purpose)} />
      <Choice label={t('direction')} any={t('anyDirection')} value={filters.direction} options={directions} onChange={(direction) => set('direction', direction)} />
      <Choice label={t('hangup_party')} any={t('anyHangupParty')} value={filters.hangup_party} options={parties} onChange={(party) => set('hangup_party', party)} />
      <Choice label={t('transferred')} any={t('anyTransferred')} value={filters.transferred} options={transferred} onChange={(answer) => set('transferred', answer)} />
      <Select
        mode="multiple"
        allowClear
        aria-label={t('flags')}
        placeholder={t('flags')}
        maxTagCount="responsive"
        value={filters.flags?.split(',') ?? []}
        options={FLAGS.map((name) => ({ value: name, label: t(`flag.${name}`) }))}
        onChange={(flags: string[]) => set('flags', flags.join(','))}
        style={{ minWidth: 180 }}
      />
      {seesNumbers ? <Words label={t('number')} value={filters.number} onSearch={(number) => set('number', number)} /> : null}
      <Words label={t('text')} value={filters.text} onSearch={(text) => set('text', text)} />
      {Object.keys(filters).length > 0 ? <Button onClick={() => onChange({})}>{t('clear')}</Button> : null}
    </Flex>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string | undefined;
  options: { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
}

function Choice({ label, any, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      aria-label={label}
      placeholder={any}
      value={value ?? null}
      options={options}
      onChange={(chosen: string | null) => onChange(chosen ?? undefined)}
      style={{ minWidth: 140 }}
    />
  );
}

/** Words that are looked for when Enter is pressed. */
function Words({ label, value, onSearch }: { label: string; value: string | undefined; onSearch: (words: string) => void }) {
  return (
    <Input.Search
      key={value}
      allowClear
      aria-label={label}
      placeholder={label}
      defaultValue={value ?? ''}
      maxLength={200}
      onSearch={(words) => onSearch(words.trim())}
      style={{ width: 180 }}
    />
  );
}

interface Own {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function LineSelect({ value, onChange }: Own) {
  const t = useTexts();
  const lines = api.useQuery('get', '/api/v1/lines', {}, { enabled: useMay('see_queues') });
  const options = lines.data?.items.map(({ id }) => ({ value: id, label: id })) ?? [];
  return <Choice label={t('line')} any={t('anyLine')} value={value} options={options} onChange={onChange} />;
}

function AgentSelect({ value, onChange }: Own) {
  const t = useTexts();
  const agents = api.useQuery('get', '/api/v1/agents', {}, { enabled: useMay('see_agents') });
  const options = agents.data?.items.map(({ id, name }) => ({ value: id, label: `${id} ${name}` })) ?? [];
  return <Choice label={t('agent')} any={t('anyAgent')} value={value} options={options} onChange={onChange} />;
}

/** The purposes of the line that is chosen; without one, any code. */
function PurposeSelect({ line, value, onChange }: Own & { line: string | undefined }) {
  const t = useTexts();
  const lines = api.useQuery('get', '/api/v1/lines', {}, { enabled: useMay('see_queues') });
  const chosen = lines.data?.items.filter(({ id }) => line === undefined || id === line) ?? [];
  const { language } = usePreferences();
  const names = new Map(chosen.flatMap(({ purposes }) => purposes.map((one) => [one.code, nameOf(one, language)] as const)));
  if (names.size === 0) {
    return (
      <Input
        allowClear
        aria-label={t('purpose')}
        placeholder={t('anyPurpose')}
        defaultValue={value ?? ''}
        onChange={({ target }) => onChange(target.value || undefined)}
        style={{ width: 140 }}
      />
    );
  }
  const options = [...names].map(([code, name]) => ({ value: code, label: name }));
  return <Choice label={t('purpose')} any={t('anyPurpose')} value={value} options={options} onChange={onChange} />;
}
