import type { EChartsCoreOption } from 'echarts/core';

import type { Schema } from '../api/types';

type Row = Schema<'RingsRow'>;

/** The words and colours of the chart. */
export interface Look {
  ring: (count: number) => string;
  more: string;
  answered: string;
  gaveUp: string;
  text: string;
  line: string;
  good: string;
  bad: string;
  fontSize: number;
}

/** What the rings of each row are called; the last row is of all that heard more. */
export function labelsOf(rows: readonly Row[], look: Pick<Look, 'ring' | 'more'>): string[] {
  return rows.map(({ rings }, n) => (n === rows.length - 1 && n > 0 ? look.more : look.ring(rings)));
}

export function isEmpty(rows: readonly Row[]): boolean {
  return rows.every(({ answered, abandoned }) => answered + abandoned === 0);
}

/** Calls of the day by rings heard: answered below, given up above, told apart by a pattern too. */
export function optionOf(rows: readonly Row[], look: Look): EChartsCoreOption {
  const text = { color: look.text, fontSize: look.fontSize };
  return {
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    grid: { left: 8, right: 8, top: 2.6 * look.fontSize, bottom: 4, containLabel: true },
    legend: { top: 0, textStyle: text },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: { type: 'category', data: labelsOf(rows, look), axisLabel: text, axisLine: { lineStyle: { color: look.line } } },
    yAxis: { type: 'value', minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: look.line } } },
    series: [
      series(look.answered, look.good, rows.map(({ answered }) => answered)),
      series(look.gaveUp, look.bad, rows.map(({ abandoned }) => abandoned)),
    ],
  };
}

function series(name: string, color: string, data: readonly number[]) {
  return { type: 'bar', stack: 'calls', name, data, itemStyle: { color }, barMaxWidth: 48 };
}
