import { Alert, Button, Flex, Form, Input, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { lengthOf } from '../time/format';
import { LevelMeter } from './LevelMeter';
import { loudnessOf } from './level';
import type { Recording } from './recorder';
import { useTexts } from './texts';
import { useRecorder } from './useRecorder';
import { useSendPrompt } from './useSendPrompt';

/** Letters and digits of any script, and what the service takes beside them. */
const NAME = /^[\p{L}\p{N}_-][\p{L}\p{N}._-]*$/u;

/** Records, has it listened to, and keeps it under a name. */
export function PromptRecorder({ onSent }: { onSent: () => void }) {
  const t = useTexts();
  const { recording, start, stop } = useRecorder();
  const { step } = recording;
  return (
    <Flex vertical gap={16}>
      {step === 'failed' ? (
        <Alert
          type="error"
          showIcon
          role="alert"
          title={t(`failure.${recording.failure}`)}
          description={t(`cure.${recording.failure}`)}
        />
      ) : (
        <Typography.Text type="secondary">{t('recordAdvice')}</Typography.Text>
      )}
      {step === 'running' ? (
        <Flex vertical gap={8}>
          <LevelMeter peak={recording.peak} />
          <Typography.Text className="figures">{t('running', { length: lengthOf(recording.length_ms) })}</Typography.Text>
        </Flex>
      ) : null}
      <Flex gap={8}>
        {step === 'running' ? (
          <Button type="primary" danger onClick={stop}>
            {t('stop')}
          </Button>
        ) : (
          <Button type={step === 'done' ? 'default' : 'primary'} loading={step === 'asking'} onClick={start}>
            {step === 'done' ? t('again') : t('start')}
          </Button>
        )}
      </Flex>
      {step === 'done' ? <Keep key={recording.url} recording={recording} onSent={onSent} /> : null}
    </Flex>
  );
}

interface KeepProps {
  recording: Recording & { step: 'done' };
  onSent: () => void;
}

/** Listens to what was recorded, and gives it its name. */
function Keep({ recording, onSent }: KeepProps) {
  const t = useTexts();
  const [name, setName] = useState('');
  const { send, isSending } = useSendPrompt(onSent);
  const prompts = api.useQuery('get', '/api/v1/prompts');
  const file = `${name}.wav`;
  const isThere = prompts.data?.items.some((prompt) => prompt.name === file) ?? false;
  const loudness = loudnessOf(recording.peak);
  return (
    <Form layout="vertical" onFinish={() => send(file, recording.wav)}>
      <Form.Item label={t('listen')}>
        <audio controls src={recording.url} aria-label={t('recorded')} style={{ width: '100%' }} />
      </Form.Item>
      {loudness === 'good' ? null : (
        <Form.Item>
          <Alert type="warning" showIcon title={t(`loudness.${loudness}`)} />
        </Form.Item>
      )}
      <Form.Item
        name="name"
        label={t('name')}
        extra={isThere ? t('replaces', { name: file }) : t('nameAdvice')}
        rules={[{ required: true, pattern: NAME, message: t('nameWrong') }]}
      >
        <Input maxLength={60} suffix=".wav" onChange={({ target }) => setName(target.value)} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={isSending} disabled={loudness === 'silent'}>
        {t('keep')}
      </Button>
    </Form>
  );
}
