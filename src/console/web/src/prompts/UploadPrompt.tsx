import { UploadOutlined } from '@ant-design/icons';
import { Button, Upload } from 'antd';

import { useTexts } from './texts';
import { useSendPrompt } from './useSendPrompt';

/** Sends a WAV file under its own name. */
export function UploadPrompt() {
  const t = useTexts();
  const { send, isSending } = useSendPrompt();
  const take = (file: File) => {
    send(file.name, file);
    // Nothing is sent by the component itself.
    return Upload.LIST_IGNORE;
  };
  return (
    <Upload accept=".wav,audio/wav" showUploadList={false} beforeUpload={take}>
      <Button type="primary" icon={<UploadOutlined aria-hidden />} loading={isSending}>
        {t('upload')}
      </Button>
    </Upload>
  );
}
