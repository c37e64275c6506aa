import { ImportOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Input, Modal, Typography, Upload } from 'antd';
import { useState } from 'react';

import { type Read, read } from './reading';
import { useTexts } from './texts';

/** Takes a year's days in: from a table, or a file. They count when they are saved. */
export function ImportDays({ year, onRead }: { year: number; onRead: (read: Read) => void }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const found = read(text, year);
  const take = () => {
    onRead(found);
    setOpen(false);
    setText('');
  };
  const open = async (file: File) => {
    setText(await file.text());
  };
  return (
    <>
      <Button icon={<ImportOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('import')}
      </Button>
      <Modal
        open={isOpen}
        title={t('importTitle', { year: String(year) })}
        okText={t('take', { count: found.holidays.length })}
        okButtonProps={{ disabled: found.holidays.length === 0 }}
        onOk={take}
        onCancel={() => setOpen(false)}
        width={640}
        destroyOnHidden
      >
        <Flex vertical gap={12}>
          <Typography.Text type="secondary">{t('importAdvice')}</Typography.Text>
          <Input.TextArea
            className="mono"
            aria-label={t('importTitle', { year: String(year) })}
            rows={10}
            value={text}
            placeholder={t('importExample')}
            onChange={({ target }) => setText(target.value)}
          />
          <Flex>
            <Upload
              accept=".toml,.csv,.txt"
              showUploadList={false}
              beforeUpload={(file) => {
                void open(file);
                return Upload.LIST_IGNORE;
              }}
            >
              <Button>{t('openFile')}</Button>
            </Upload>
          </Flex>
          {found.unread.length > 0 ? (
            <Alert type="warning" showIcon title={t('unread', { lines: found.unread.join(', ') })} />
          ) : null}
        </Flex>
      </Modal>
    </>
  );
}
