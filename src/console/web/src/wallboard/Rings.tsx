import { theme } from 'antd';
import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use as take } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';

import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Panel } from './Panel';
import { isEmpty, labelsOf, optionOf } from './chart';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

take([BarChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** How many rings callers of the day have heard. */
export function Rings({ rows }: { rows: readonly Schema<'RingsRow'>[] }) {
  const t = useTexts();
  return (
    <Panel title={t('rings')}>
      {isEmpty(rows) ? <Empty title={t('noRings')} /> : <Chart rows={rows} />}
    </Panel>
  );
}

function Chart({ rows }: { rows: readonly Schema<'RingsRow'>[] }) {
  const t = useTexts();
  const { token } = theme.useToken();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const words = { ring: (count: number) => t('ring', { count }), more: t('more') };
  const labels = labelsOf(rows, words);

  useEffect(() => {
    if (!place.current) return undefined;
    const made = init(place.current);
    chart.current = made;
    const watcher = new ResizeObserver(() => made.resize());
    watcher.observe(place.current);
    return () => {
      watcher.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    if (!place.current) return;
    const fontSize = Number.parseFloat(getComputedStyle(place.current).fontSize);
    const colours = { text: token.colorText, line: token.colorBorder, good: token.colorSuccess, bad: token.colorError };
    const look = { ...words, ...colours, answered: t('answered'), gaveUp: t('gaveUp'), fontSize };
    chart.current?.setOption(optionOf(rows, look));
  });
  return (
    <>
      <div ref={place} className={styles.chart} aria-hidden />
      <table className="unseen">
        <thead>
          <tr>
            <th scope="col">{t('rings')}</th>
            <th scope="col">{t('answered')}</th>
            <th scope="col">{t('gaveUp')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ rings, answered, abandoned }, n) => (
            <tr key={rings}>
              <th scope="row">{labels[n]}</th>
              <td>{answered}</td>
              <td>{abandoned}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
