import { Card, Collapse, Flex, Select, Tag, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { Problem } from '../api/problem';
import type { OwnCall } from '../owncall/useOwnCall';
import { usePreferences } from '../preferences/context';
import { Loaded } from '../states/Loaded';
import { momentOf } from './moment';
import { useTexts } from './texts';

/** The moments that there are words for, as agents call them. */
const MOMENTS = [
  'answer',
  'late',
  'hold',
  'return',
  'absent',
  'consult',
  'transfer',
  'unavailable',
  'complaint',
  'relay',
  'opinion',
  'close',
  'outbound',
] as const;

/**
 * What to say at this moment of the call, and how to speak with whom. In a complaint the hints on how to ask,
 * listen and show understanding are open (R070, R071).
 */
export function Script({ own, complains }: { own: OwnCall; complains: boolean }) {
  const t = useTexts();
  const { language } = usePreferences();
  const [chosen, setChosen] = useState<string>();
  const moment = chosen ?? momentOf(own.phase, own.standing);
  const query = moment === undefined ? {} : { moment };
  const script = api.useQuery(
    'get',
    '/api/v1/calls/{id}/script',
    { params: { path: { id: own.id }, query } },
    { placeholderData: (before) => before },
  );
  // A call that belongs to no line has no words.
  const error: unknown = script.error;
  if (error instanceof Problem && error.status === 404) return null;
  const said = (words: { text: string; text_en: string }) => (language === 'en' ? words.text_en : words.text);
  const nameOf = (code: string) => {
    const known = MOMENTS.find((one) => one === code);
    return known ? t(`moment.${known}`) : code;
  };
  return (
    <Card
      size="small"
      title={t('title')}
      extra={
        <Select
          size="small"
          aria-label={t('moment')}
          style={{ width: 150 }}
          value={moment ?? script.data?.moment}
          onChange={setChosen}
          options={(script.data?.moments ?? []).map((code) => ({ value: code, label: nameOf(code) }))}
        />
      }
    >
      <Loaded query={script}>
        {(words) => (
          <Flex vertical gap={12}>
            <Flex vertical gap={6}>
              {words.parts.map((part) => (
                <Typography.Text key={`${part.step} ${part.text}`} strong={part.step === 'apology'}>
                  {part.step === 'apology' ? <Tag color="error">{t('apologyFirst')}</Tag> : null}
                  {said(part)}
                </Typography.Text>
              ))}
            </Flex>
            <Collapse
              key={String(complains)}
              defaultActiveKey={complains ? ['hints'] : []}
              size="small"
              ghost
              items={[
                { key: 'hints', label: t('hints'), children: <Lines lines={words.hints.map(said)} /> },
                {
                  key: 'kinds',
                  label: t('kinds'),
                  children: (
                    <Flex vertical gap={8}>
                      {words.customer_types.map((kind) => (
                        <div key={kind.code}>
                          <Typography.Text strong>{language === 'en' ? kind.name_en : kind.name}</Typography.Text>
                          <Lines lines={[said(kind.signs), said(kind.response)]} />
                        </div>
                      ))}
                    </Flex>
                  ),
                },
                { key: 'forbidden', label: t('forbidden'), children: <Lines lines={words.forbidden} /> },
              ]}
            />
          </Flex>
        )}
      </Loaded>
    </Card>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18 }}>
      {lines.map((line) => (
        <li key={line}>
          <Typography.Text type="secondary">{line}</Typography.Text>
        </li>
      ))}
    </ul>
  );
}
