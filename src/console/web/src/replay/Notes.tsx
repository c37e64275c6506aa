import { Card, Descriptions, Flex, Tag, Typography } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { choiceOf, labelOf } from '../note/codes';
import { itemsOf } from '../note/items';
import { useLineCodes } from '../note/useCodeName';
import { usePreferences } from '../preferences/context';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { useTexts } from './texts';

/** What people wrote down about a call: every version, the last one first. */
export function Notes({ call, line }: { call: string; line: string | null | undefined }) {
  const t = useTexts();
  const form = useLineCodes(line)?.fields ?? [];
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
                <Fields fields={note.fields} form={form} />
              </Card>
            ))}
          </Flex>
        )
      }
    </Loaded>
  );
}

interface FieldsProps {
  fields: unknown;
  form: readonly Schema<'Field'>[];
}

/** What was filled in, by the words that the form has for it. */
function Fields({ fields, form }: FieldsProps) {
  const t = useTexts();
  const { language } = usePreferences();
  const entries = Object.entries((fields ?? {}) as Record<string, unknown>);
  if (entries.length === 0) return null;
  const items = entries.map(([name, value]) => {
    const field = form.find((known) => known.name === name);
    return { key: name, label: field ? labelOf(field, language) : name, children: said(value, field) };
  });
  function said(value: unknown, field: Schema<'Field'> | undefined): string {
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    if (typeof value === 'string') return field ? choiceOf(value, field, language) : value;
    const told = itemsOf(value);
    if (told.length === 0) return JSON.stringify(value);
    return told.map(({ text, time, place, name }) => [text, time?.replace('T', ' '), place, name].filter(Boolean).join(' · ')).join('\n');
  }
  return (
    <Descriptions
      size="small"
      column={{ xs: 1, md: 2 }}
      items={items}
      styles={{ content: { whiteSpace: 'pre-wrap' } }}
    />
  );
}
