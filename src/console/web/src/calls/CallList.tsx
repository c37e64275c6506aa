import { AudioOutlined, ReloadOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Spin, Typography } from 'antd';
import { useCallback, useMemo } from 'react';
import { Link, useSearchParams } from 'react-router';

import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { Time } from '../time/Time';
import { lengthOf } from '../time/format';
import { CallFilters } from './CallFilters';
import { CallerName } from './CallerName';
import { ExportCalls } from './ExportCalls';
import { GradeTag } from './GradeTag';
import { OutcomeTag } from './OutcomeTag';
import { type Column, VirtualRows } from './VirtualRows';
import styles from './calls.module.css';
import { type Filters, type Order, filtersOf, orderOf, orderedBy, paramsOf } from './filters';
import { useTexts } from './texts';
import { useCalls } from './useCalls';
import { DIRECTIONS } from './words';

type Call = Schema<'Call'>;

/** Calls, the newest first, as far as the filters leave them. */
export function CallList() {
  const t = useTexts();
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => filtersOf(params), [params]);
  const { pages, rows, hasNews } = useCalls(filters);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  const queries = useQueryClient();
  const narrow = (wanted: Filters) => setParams(paramsOf(wanted), { replace: true });
  const columns = useColumns(filters, narrow);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const count = { count: rows.length };
  const footer = isFetchingNextPage ? (
    <span role="status">
      <Spin size="small" /> {t('loadingMore')}
    </span>
  ) : (
    <Typography.Text type="secondary">{hasNextPage ? t('shown', count) : t('shownAll', count)}</Typography.Text>
  );
  return (
    <div className={styles.page}>
      <PageTitle
        actions={
          <>
            <ExportCalls filters={filters} />
            <Button icon={<ReloadOutlined />} onClick={() => void queries.resetQueries({ queryKey: ['call-list'] })}>
              {hasNews ? t('news') : t('refresh')}
            </Button>
          </>
        }
      >
        {t('title')}
      </PageTitle>
      <CallFilters filters={filters} onChange={narrow} />
      <div className={styles.list}>
        <Loaded query={pages}>
          {() =>
            rows.length === 0 ? (
              <Empty title={t('empty')} advice={t('emptyAdvice')} />
            ) : (
              <VirtualRows label={t('rows')} columns={columns} rows={rows} keyOf={({ id }) => id} onEnd={more} footer={footer} />
            )
          }
        </Loaded>
      </div>
    </div>
  );
}

function useColumns(filters: Filters, narrow: (filters: Filters) => void): readonly Column<Call>[] {
  const t = useTexts();
  const now = orderOf(filters);
  const order = (by: Order) => ({
    now: now.by !== by ? ('none' as const) : now.way === 'asc' ? ('ascending' as const) : ('descending' as const),
    onTurn: () => narrow(orderedBy(filters, by)),
  });
  const direction = (word: string) => {
    const known = DIRECTIONS.find((name) => name === word);
    return known ? t(`direction.${known}`) : word;
  };
  const time = ({ id, arrived_at }: Call) => (
    <Link to={`/calls/${id}`}>
      <Time at={arrived_at} />
    </Link>
  );
  const rings = ({ rings, caller_ring_ms }: Call) =>
    rings == null ? null : (
      <span className="figures">
        {t('ringCount', { count: rings })}
        <Typography.Text type="secondary"> {((caller_ring_ms ?? 0) / 1000).toFixed(1)} s</Typography.Text>
      </span>
    );
  const length = (ms: number | null | undefined) => (ms == null ? null : <span className="figures">{lengthOf(ms)}</span>);
  return [
    { key: 'arrived', title: t('arrived'), width: '166px', render: time, order: order('arrived_at') },
    { key: 'direction', title: t('direction'), width: '88px', render: (call) => direction(call.direction) },
    { key: 'line', title: t('line'), width: 'minmax(76px, 1fr)', render: ({ line, dialled }) => line ?? dialled },
    { key: 'caller', title: t('caller'), width: 'minmax(138px, 2fr)', render: (call) => <CallerName call={call} /> },
    { key: 'outcome', title: t('outcome'), width: '108px', render: ({ outcome }) => <OutcomeTag outcome={outcome} /> },
    { key: 'rings', title: t('rings'), width: '104px', render: rings, order: order('ring') },
    { key: 'grade', title: t('grade'), width: '104px', render: ({ grade }) => <GradeTag grade={grade} /> },
    { key: 'agent', title: t('agent'), width: '66px', render: ({ answered_by }) => answered_by },
    { key: 'talk', title: t('talk'), width: '72px', render: ({ talk_ms }) => length(talk_ms), order: order('talk') },
    {
      key: 'recording',
      title: t('recording'),
      width: '94px',
      render: ({ recorded_ms }) =>
        recorded_ms == null ? null : (
          <span>
            <AudioOutlined aria-hidden /> {length(recorded_ms)}
          </span>
        ),
    },
  ];
}
