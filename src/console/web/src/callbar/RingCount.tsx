import { Flex, Tag, Typography } from 'antd';

import type { RingNow } from '../owncall/rings';
import styles from './RingCount.module.css';
import { useTexts } from './texts';

/** Rings that are counted one by one before the count goes on in one figure. */
const MOST_SHOWN = 5;
/** As long as the call's log has not told how many are in time. */
const USUAL = 3;

/** The rings that the caller has heard, one after the other; the one that he hears now stands out. */
export function RingCount({ now, lateRing }: { now: RingNow | undefined; lateRing: number }) {
  const t = useTexts();
  const ring = now?.ring ?? 0;
  const counted = lateRing > 0 ? Math.min(Math.max(lateRing - 1, 1), MOST_SHOWN) : USUAL;
  // The service says when an apology is owed: nobody is told so before.
  const isLate = now?.apologise === true;
  return (
    <Flex align="center" gap={6} role="status" aria-label={t('rings')} data-ring={ring}>
      {Array.from({ length: counted }, (_, index) => index + 1).map((n) => (
        <Tag
          key={n}
          color={n === ring ? 'processing' : 'default'}
          {...(n === ring ? { 'aria-current': 'true' as const } : {})}
          className={(n > ring ? styles.toCome : n === ring ? styles.now : undefined) ?? ''}
        >
          {t('ring', { n })}
        </Tag>
      ))}
      {ring > counted ? (
        <Tag color={isLate ? 'error' : 'processing'} className={styles.now ?? ''} aria-current="true">
          {t('ring', { n: ring })}
        </Tag>
      ) : null}
      {isLate ? (
        <Typography.Text strong type="danger">
          {t('apologise')}
        </Typography.Text>
      ) : null}
    </Flex>
  );
}
