import { AlertOutlined } from '@ant-design/icons';
import { Button, Flex, Tag, Typography } from 'antd';
import { useState } from 'react';

import type { Schema } from '../api/types';
import { Time } from '../time/Time';
import { Panel } from './Panel';
import { RestoreLine } from './RestoreLine';
import { ThrowSwitch } from './ThrowSwitch';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';

type Line = Schema<'Line'>;

/** The emergency switch of each line: which way it stands, who threw it, when and why. */
export function Switches({ lines, nameOf }: { lines: readonly Line[]; nameOf: NameOf }) {
  const t = useTexts();
  const [thrown, setThrown] = useState<Line>();
  const [restored, setRestored] = useState<Line>();
  // What nobody can dial has no calls to send elsewhere.
  const dialled = lines.filter(({ numbers }) => numbers.length > 0);
  const first = [...dialled].sort((one, other) => Number(!!other.switched) - Number(!!one.switched));
  return (
    <Panel title={t('switches')}>
      {dialled.length === 0 ? <Typography.Text type="secondary">{t('noLines')}</Typography.Text> : null}
      <ul className={styles.list} hidden={dialled.length === 0}>
        {first.map((line) => (
          <li key={line.id} className={styles.entry}>
            <Flex vertical gap={2} style={{ minWidth: 0 }}>
              <Flex gap={8} wrap align="center">
                <Typography.Text strong>{line.id}</Typography.Text>
                {line.switched ? (
                  <Tag color="error" icon={<AlertOutlined />}>
                    {t('switched')}
                  </Tag>
                ) : (
                  <Tag>{t('normal')}</Tag>
                )}
              </Flex>
              {line.switched ? <Turn switched={line.switched} nameOf={nameOf} /> : null}
            </Flex>
            {line.switched ? (
              <Button size="small" aria-label={t('restoreOf', { line: line.id })} onClick={() => setRestored(line)}>
                {t('restore')}
              </Button>
            ) : (
              <Button size="small" danger aria-label={t('throwOf', { line: line.id })} onClick={() => setThrown(line)}>
                {t('throw')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ThrowSwitch line={thrown} onClose={() => setThrown(undefined)} />
      <RestoreLine line={restored} onClose={() => setRestored(undefined)} />
    </Panel>
  );
}

/** Where its calls go, and who wanted that. */
function Turn({ switched, nameOf }: { switched: NonNullable<Line['switched']>; nameOf: NameOf }) {
  const t = useTexts();
  const { announcement, number, by, at, reason } = switched;
  return (
    <>
      <span>{announcement == null ? t('toNumber', { number: number ?? '' }) : t('toAnnouncement', { file: announcement })}</span>
      <Typography.Text type="secondary">
        {t('byWhom', { who: nameOf(by) })} · <Time at={at} />
      </Typography.Text>
      {reason ? <Typography.Text type="secondary">{reason}</Typography.Text> : null}
    </>
  );
}
