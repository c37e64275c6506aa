import { Card, Descriptions, Flex, Tag, Typography } from 'antd';

import { api } from '../api/client';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { useTexts } from './texts';

/** What people wrote down about a call: every version, the last one first. */
export function Notes({ call }: { call: string }) {
  const t = useTexts();
  const notes = api.useQuery('get', '/api/v1/calls/{id}/notes', { params: { path: { id: call } } });
  return (
    <Loaded query={notes}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('noNotes')} />
        ) : (
          <Flex vertical gap={12}>
            {items.toReversed().map((note, n) => (
              <Card
                key={note.version}
                size="small"
                title={
                  <Flex gap={8} align="center">
                    {t('version', { n: note.version })}
                    {n === 0 ? <Tag color="success">{t('counts')}</Tag> : null}
                  </Flex>
                }
                extra={
                  <Typography.Text type="secondary">
                    {note.author} <Time at={note.at} />
                  </Typography.Text>
                }
              >
                <Typography.Paragraph style={{ whiteSpace: 'pre-wrap' }}>{note.text ?? t('erased')}</Typography.Paragraph>
                <Fields fields={note.fields} />
              </Card>
            ))}
          </Flex>
        )
      }
    </Loaded>
  );
}

function Fields({ fields }: { fields: unknown }) {
  const entries = Object.entries((fields ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return null;
  const items = entries.map(([name, value]) => ({
    key: name,
    label: name,
    children: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  return <Descriptions size="small" column={2} items={items} />;
}
