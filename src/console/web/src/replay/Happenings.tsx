import { Table, type TableColumnsType } from 'antd';

import { timeOfDay, lengthOf } from '../time/format';
import { usePreferences } from '../preferences/context';
import type { Span, Timeline } from './lanes';
import { useTexts } from './texts';
import { useSpanText } from './useSpanText';

/** The time line as a table, for those who read rather than look. */
export function Happenings({ line }: { line: Timeline }) {
  const t = useTexts();
  const { language } = usePreferences();
  const text = useSpanText();
  const length = ({ from_ms, to_ms }: Span) =>
    to_ms == null ? t('goesOn') : to_ms === from_ms ? '' : `${((to_ms - from_ms) / 1000).toFixed(1)} s`;
  const columns: TableColumnsType<Span & { key: number }> = [
    { title: t('at'), width: 100, render: (_, { at }) => <span className="figures">{timeOfDay(at, language)}</span> },
    { title: t('offset'), width: 90, render: (_, { from_ms }) => <span className="figures">{(from_ms / 1000).toFixed(3)}</span> },
    { title: t('onRecording'), width: 100, render: (_, { recording_from_ms: ms }) => (ms == null ? '' : <span className="figures">{lengthOf(ms)}</span>) },
    { title: t('length'), width: 100, render: (_, span) => <span className="figures">{length(span)}</span> },
    { title: t('happened'), render: (_, span) => text(span) },
  ];
  const rows = line.spans.map((span, key) => ({ ...span, key }));
  return <Table size="small" columns={columns} dataSource={rows} pagination={false} scroll={{ x: 640 }} />;
}
