import { Alert, Button, Flex, Typography } from 'antd';

import { useTexts } from './texts';
import type { NoteInHand } from './useNote';

/** Whether the service has what was typed. */
export function NoteStatus({ note }: { note: NoteInHand }) {
  const t = useTexts();
  const { state, saver, look, newest } = note;
  if (state.status !== 'conflict') {
    return (
      <Typography.Text type="secondary" role="status">
        {state.status === 'saved' && state.base > 0
          ? t('savedAs', { version: state.base })
          : t(`status.${state.status}`)}
      </Typography.Text>
    );
  }
  return (
    <Alert
      type="warning"
      showIcon
      title={t('conflict')}
      description={
        <Flex vertical gap={8}>
          {newest && newest.version > state.base ? (
            <Typography.Text type="secondary">{newest.text}</Typography.Text>
          ) : null}
          <Flex gap={8}>
            <Button size="small" onClick={() => void look().then((found) => saver.keepMine(found?.version ?? 0))}>
              {t('keepMine')}
            </Button>
            <Button size="small" onClick={() => void look().then((found) => saver.takeTheirs(found))}>
              {t('takeTheirs')}
            </Button>
          </Flex>
        </Flex>
      }
    />
  );
}
