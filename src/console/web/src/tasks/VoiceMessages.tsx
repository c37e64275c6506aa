import { Flex, Typography } from 'antd';

import { api } from '../api/client';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { partOf } from './part';
import { useTexts } from './texts';

/** Messages that were left on a recording. Each play stands in the audit. */
export function VoiceMessages({ task }: { task: string }) {
  const t = useTexts();
  const detail = api.useQuery('get', '/api/v1/tasks/{id}', { params: { path: { id: task } } });
  return (
    <Loaded query={detail}>
      {({ about }) => (
        <Flex vertical gap={6}>
          {about.map(({ call, at, start_ms, length_ms }) => (
            <Flex key={call} gap={8} align="center" wrap>
              <Typography.Text type="secondary">
                <Time at={at} />
              </Typography.Text>
              <audio
                controls
                preload="none"
                src={`/api/v1/calls/${call}/recording/audio${partOf(start_ms, length_ms)}`}
                aria-label={t('hear')}
                style={{ height: 32, width: 280 }}
              />
            </Flex>
          ))}
        </Flex>
      )}
    </Loaded>
  );
}
