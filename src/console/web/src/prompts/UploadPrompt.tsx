import { UploadOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Upload } from 'antd';

import { api } from '../api/client';
import { useProblemText } from '../api/useProblemText';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

/** Sends a WAV file under its own name. */
export function UploadPrompt() {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const put = api.useMutation('put', '/api/v1/prompts/{name}', {
    onSuccess: ({ name, length_ms }) => {
      void message.success(t('taken', { name, length: lengthOf(length_ms) }));
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/prompts'] });
    },
    onError: (error) => {
      const { title, detail } = problemText(error);
      void message.error(t('refused', { title, detail: detail ?? '' }));
    },
  });
  const send = (file: File) => {
    put.mutate({
      params: { path: { name: file.name } },
      headers: { 'Content-Type': 'audio/wav' },
      // The file's bytes as they are, not as JSON.
      body: file as never,
      bodySerializer: (body: unknown) => body as BodyInit,
    });
    // Nothing is sent by the component itself.
    return Upload.LIST_IGNORE;
  };
  return (
    <Upload accept=".wav,audio/wav" showUploadList={false} beforeUpload={send}>
      <Button type="primary" icon={<UploadOutlined aria-hidden />} loading={put.isPending}>
        {t('upload')}
      </Button>
    </Upload>
  );
}
