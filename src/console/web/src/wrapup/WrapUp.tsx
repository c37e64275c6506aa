import { Button, Flex, Space, Typography } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import { Problem } from '../api/problem';
import type { Schema } from '../api/types';
import { nameOf, offered } from '../note/codes';
import type { Choice } from '../note/useChoice';
import type { NoteInHand } from '../note/useNote';
import { usePreferences } from '../preferences/context';
import { useAccount } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { ProblemAlert } from '../states/ProblemAlert';
import { Countdown } from './Countdown';
import { HandlingChoice } from './HandlingChoice';
import { OutcomeKeys } from './OutcomeKeys';
import { isIncomplete, wishOf } from './handling';
import { useTexts } from './texts';

/** How much longer one more click makes it. */
const EXTENSION_S = 60;

interface Props {
  call: string;
  agent: Schema<'Agent'>;
  codes: Schema<'Codes'>;
  choice: Choice;
  note: NoteInHand;
  missing: readonly string[];
  onMissing: (names: readonly string[]) => void;
}

/** The work after a call: what came of it by one key, and done. */
export function WrapUp({ call, agent, codes, choice, note, missing, onMissing }: Props) {
  const t = useTexts();
  const { language } = usePreferences();
  const { extension } = useAccount();
  const [error, setError] = useState<unknown>();
  const [isSaying, setSaying] = useState(false);
  const { purpose, outcome, handling } = choice;

  const finish = async () => {
    if (purpose === undefined || outcome === undefined) {
      onMissing([...(purpose === undefined ? ['purpose'] : []), ...(outcome === undefined ? ['outcome'] : [])]);
      return;
    }
    // What was begun is not left out in silence.
    if (isIncomplete(handling)) return onMissing(['handling']);
    setSaying(true);
    try {
      const { text, fields } = note.state.draft;
      // The document says of the form only that it is an object.
      const wish = wishOf(handling);
      const how = wish ? { handling: wish } : {};
      const body = { purpose, outcome, note: text, fields: fields as Record<string, never>, ...how };
      await client.PUT('/api/v1/calls/{id}/wrap-up', { params: { path: { id: call } }, body });
      note.saver.takeTheirs(await note.look());
      setError(undefined);
      onMissing([]);
    } catch (failed) {
      setError(failed);
      if (failed instanceof Problem) onMissing((failed.document.faults ?? []).map(({ name }) => name));
    } finally {
      setSaying(false);
    }
  };
  const extend = async () => {
    if (extension == null) return;
    try {
      const body = { to: 'extend_wrap_up', seconds: EXTENSION_S } as const;
      await client.POST('/api/v1/agents/{id}/state', { params: { path: { id: extension } }, body });
    } catch (failed) {
      setError(failed);
    }
  };
  useShortcut({ keys: 'Ctrl+Enter', label: t('finish'), group: t('group'), run: () => void finish(), whileTyping: true });
  return (
    <Flex vertical gap={12} component="section" aria-label={t('group')}>
      <Flex align="center" justify="space-between" wrap gap={8}>
        <Typography.Text strong>{t('outcome')}</Typography.Text>
        <Space>
          {agent.wrap_up_until ? <Countdown until={agent.wrap_up_until} /> : null}
          {agent.wrap_up_until ? <Button onClick={() => void extend()}>{t('extend', { seconds: EXTENSION_S })}</Button> : null}
        </Space>
      </Flex>
      <OutcomeKeys
        outcomes={offered(codes.outcomes, undefined).map((code) => ({ code: code.code, name: nameOf(code, language) }))}
        chosen={outcome}
        onChoose={(code) => choice.choose({ outcome: code })}
      />
      <HandlingChoice
        value={handling}
        isMissing={missing.includes('handling')}
        onChange={(said) => choice.choose({ handling: said })}
      />
      <ProblemAlert error={error} />
      {outcome === undefined ? <Typography.Text type="secondary">{t('chooseOutcome')}</Typography.Text> : null}
      <Button type="primary" loading={isSaying} onClick={() => void finish()}>
        {t('finishKeys')}
      </Button>
    </Flex>
  );
}
