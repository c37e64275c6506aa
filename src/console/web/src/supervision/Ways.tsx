import { Button, Flex, Popconfirm, Segmented, Typography } from 'antd';

import { useMay } from '../session/context';
import { MODES, modeOf } from './modes';
import { useTexts } from './texts';
import { useSupervision } from './useSupervision';

interface Props {
  call: string;
  /** Who speaks with the caller, as people call them. */
  agent: string;
  mode: string;
  /** The supervisor's own phone was answered. */
  isThere: boolean;
  /** Without a word on what the way means. */
  isBare?: boolean;
}

/** What the one can do who is beside a call: change the way, take it over, leave. */
export function Ways({ call, agent, mode, isThere, isBare }: Props) {
  const t = useTexts();
  const mayJoin = useMay('join_in');
  const supervision = useSupervision(call);
  const now = modeOf(mode);
  const options = MODES.filter((one) => one === 'listen' || mayJoin).map((value) => ({
    value,
    label: t(`mode.${value}`),
    title: t(`hint.${value}`),
  }));
  return (
    <Flex gap={8} wrap align="center">
      <Segmented
        size="small"
        aria-label={t('way')}
        options={options}
        value={now}
        disabled={supervision.pending !== undefined}
        onChange={supervision.turn}
      />
      {mayJoin && isThere ? (
        <Popconfirm
          title={t('takeOverAsk')}
          description={t('takeOverAdvice')}
          okText={t('takeOver')}
          onConfirm={supervision.takeOver}
        >
          <Button size="small" danger loading={supervision.pending === 'take-over'}>
            {t('takeOver')}
          </Button>
        </Popconfirm>
      ) : null}
      <Button
        size="small"
        aria-label={t('leaveOf', { agent })}
        loading={supervision.pending === 'stop'}
        onClick={supervision.leave}
      >
        {t('leave')}
      </Button>
      {isBare ? null : (
        <Typography.Text type="secondary">{isThere ? t(`hint.${now}`) : t('yourPhoneRings')}</Typography.Text>
      )}
    </Flex>
  );
}
