import { AudioOutlined } from '@ant-design/icons';
import { Button, Modal } from 'antd';
import { useState } from 'react';

import { PromptRecorder } from './PromptRecorder';
import { useTexts } from './texts';

/** Records a prompt at this desk. */
export function RecordPrompt() {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button icon={<AudioOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('record')}
      </Button>
      <Modal open={isOpen} onCancel={close} title={t('record')} footer={null} destroyOnHidden>
        <PromptRecorder onSent={close} />
      </Modal>
    </>
  );
}
