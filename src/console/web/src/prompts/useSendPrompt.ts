import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';

import { api } from '../api/client';
import { useProblemText } from '../api/useProblemText';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

interface Sending {
  send: (name: string, wav: Blob) => void;
  isSending: boolean;
}

/** Sends a WAV file, which lines play by its name from then on. */
export function useSendPrompt(onSent?: () => void): Sending {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const put = api.useMutation('put', '/api/v1/prompts/{name}', {
    onSuccess: ({ name, length_ms }) => {
      void message.success(t('taken', { name, length: lengthOf(length_ms) }));
      onSent?.();
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/prompts'] });
    },
    onError: (error) => {
      const { title, detail } = problemText(error);
      void message.error(t('refused', { title, detail: detail ?? '' }));
    },
  });
  const send = (name: string, wav: Blob) => {
    put.mutate({
      params: { path: { name } },
      headers: { 'Content-Type': 'audio/wav' },
      // The file's bytes as they are, not as JSON.
      body: wav as never,
      bodySerializer: (body: unknown) => body as BodyInit,
    });
  };
  return { send, isSending: put.isPending };
}
