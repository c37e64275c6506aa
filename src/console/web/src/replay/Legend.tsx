import { Flex } from 'antd';

import { type Placed, WHATS } from './lanes';
import styles from './replay.module.css';
import { useTexts } from './texts';

/** What the colours over and in the waveform mean, as far as they are there. */
export function Legend({ placed }: { placed: readonly Placed[] }) {
  const t = useTexts();
  const there = WHATS.filter(({ name }) => placed.some(({ what }) => what.name === name));
  return (
    <Flex gap={14} wrap className={styles.legend}>
      <span>
        <i className={`${styles.swatch} ${styles.callerWave}`} /> {t('callerUp')}
      </span>
      <span>
        <i className={`${styles.swatch} ${styles.agentWave}`} /> {t('agentDown')}
      </span>
      {there.map(({ name, colour }) => (
        <span key={name}>
          <i className={`${styles.swatch} ${styles[colour]}`} /> {t(`what.${name}`)}
        </span>
      ))}
    </Flex>
  );
}
