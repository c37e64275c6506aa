import { Button, Flex, List, Popconfirm, Select, Space, Tag, Typography } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import type { Schema } from '../api/types';
import { AreaName } from '../caller/AreaName';
import { useAccount } from '../session/context';
import { Time } from '../time/Time';
import { useNow } from '../time/now';
import { TaskContent } from './TaskContent';
import { urgencyOf } from './due';
import { useTexts } from './texts';

const RESULTS = ['reached', 'not_reached', 'refused', 'wrong_number', 'obsolete'] as const;
const KINDS = ['call_back', 'message', 'follow_up', 'relay'] as const;
const REASONS = [
  'abandoned', 'after_hours', 'no_agent', 'announcement', 'message', 'failed', 'interrupted', 'asked', 'low_score', 'walk_in',
] as const;
const COLOURS = { overdue: 'error', soon: 'warning', later: 'default' } as const;

interface Props {
  task: Schema<'Task'>;
  onError: (error: unknown) => void;
}

/** Somebody to call back, or a message to be heard, and what to do about it. */
export function TaskEntry({ task, onError }: Props) {
  const t = useTexts();
  const { name, may, extension } = useAccount();
  const now = useNow();
  const [number, setNumber] = useState<string>();
  const [result, setResult] = useState<(typeof RESULTS)[number]>('reached');
  const params = { path: { id: task.id } };
  const isMine = task.claimed_by === name;
  const mayWrite = may.includes('write_up_call');
  const urgency = urgencyOf(task, now);
  const kind = KINDS.find((known) => known === task.kind);
  const reason = REASONS.find((known) => known === task.reason);

  // What comes of it is told by the stream, which has the list read anew.
  const attempt = (send: Promise<unknown>) => void send.catch(onError);
  const dial = async () => {
    const body = { reason: t('revealReason') };
    const { data } = await client.POST('/api/v1/tasks/{id}/reveal', { params, body });
    if (!data) return;
    setNumber(data.number);
    const order = { number: data.e164 ?? data.number, record: `task ${task.id}` };
    await client.POST('/api/v1/dial', { body: order });
  };
  return (
    <List.Item>
      <Flex vertical gap={6} style={{ width: '100%' }}>
        <Flex gap={8} wrap align="center">
          <Tag color="blue">{kind ? t(`kind.${kind}`) : task.kind}</Tag>
          <Typography.Text strong className="figures">
            {number ?? task.caller?.number ?? t('unknown')}
          </Typography.Text>
          <AreaName area={task.caller?.area} />
          {task.line ? <Tag>{task.line}</Tag> : null}
          <Typography.Text type="secondary">{reason ? t(`reason.${reason}`) : task.reason}</Typography.Text>
          {task.calls > 1 ? <Tag>{t('calls', { count: task.calls })}</Tag> : null}
          {task.tries > 0 ? <Tag>{t('tries', { count: task.tries })}</Tag> : null}
        </Flex>
        <TaskContent task={task} isMine={isMine} onError={onError} />
        <Flex gap={8} wrap align="center" justify="space-between">
          {task.due_at ? (
            <Tag color={COLOURS[urgency]}>
              {t(`due.${urgency}`)} <Time at={task.due_at} />
            </Tag>
          ) : (
            <Typography.Text type="secondary">
              <Time at={task.opened_at} />
            </Typography.Text>
          )}
          {mayWrite ? (
            <Space wrap size={6}>
              {isMine ? (
                <>
                  {extension != null && task.caller && may.includes('conduct_call') ? (
                    <Button size="small" type="primary" onClick={() => attempt(dial())}>
                      {t('dial')}
                    </Button>
                  ) : null}
                  <Button
                    size="small"
                    onClick={() => attempt(client.POST('/api/v1/tasks/{id}/try', { params, body: {} }))}
                  >
                    {t('tried')}
                  </Button>
                  <Popconfirm
                    title={t('whatCame')}
                    description={
                      <Select
                        aria-label={t('whatCame')}
                        style={{ width: 180 }}
                        value={result}
                        onChange={setResult}
                        options={RESULTS.map((one) => ({ value: one, label: t(`result.${one}`) }))}
                      />
                    }
                    onConfirm={() => attempt(client.POST('/api/v1/tasks/{id}/done', { params, body: { result } }))}
                  >
                    <Button size="small">{t('done')}</Button>
                  </Popconfirm>
                  <Button size="small" onClick={() => attempt(client.POST('/api/v1/tasks/{id}/release', { params }))}>
                    {t('giveBack')}
                  </Button>
                </>
              ) : (
                <Button
                  size="small"
                  disabled={task.claimed_by != null}
                  onClick={() => attempt(client.POST('/api/v1/tasks/{id}/claim', { params }))}
                >
                  {task.claimed_by ? t('claimedBy', { name: task.claimed_by }) : t('claim')}
                </Button>
              )}
            </Space>
          ) : null}
        </Flex>
      </Flex>
    </List.Item>
  );
}
