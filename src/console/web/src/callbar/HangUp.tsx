import { Button, Flex, Modal, Typography } from 'antd';

import type { Conduct } from '../owncall/useConduct';
import { useTexts } from './texts';

const REASONS = [
  'caller_asked',
  'transferred',
  'line_fault',
  'silent_call',
  'wrong_number',
  'abuse',
  'private_call',
  'walk_in',
] as const;

interface Props {
  isOpen: boolean;
  conduct: Conduct;
  onClose: () => void;
}

/** Why the agent ends the talk before the customer does: one click each. */
export function HangUp({ isOpen, conduct, onClose }: Props) {
  const t = useTexts();
  const hangUp = async (reason: string) => {
    if (await conduct.hangUp(reason)) onClose();
  };
  return (
    <Modal open={isOpen} title={t('customerIsThere')} footer={null} onCancel={onClose} width={420}>
      <Typography.Paragraph>{t('customerFirst')}</Typography.Paragraph>
      <Flex vertical gap={8}>
        {REASONS.map((reason) => (
          <Button key={reason} block loading={conduct.pending === 'hang-up'} onClick={() => void hangUp(reason)}>
            {t(`hangUp.${reason}`)}
          </Button>
        ))}
      </Flex>
    </Modal>
  );
}
