import { Card, Flex } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { withKinds } from '../note/codes';
import { useChoice } from '../note/useChoice';
import { useNote } from '../note/useNote';
import { NoteForm } from '../note/NoteForm';
import type { OwnCall } from '../owncall/useOwnCall';
import { Passing } from '../passing/Passing';
import { TakeMessage } from '../passing/TakeMessage';
import { Script } from '../script/Script';
import { useAccount } from '../session/context';
import { Loaded } from '../states/Loaded';
import { WrapUp } from '../wrapup/WrapUp';
import { Back } from './Back';
import { CallerCard } from './CallerCard';
import styles from './Desk.module.css';
import { PastCalls } from './PastCalls';
import { QualityDesk } from './QualityDesk';
import { useTexts } from './texts';

/** The desk during a call, from its first ring to the end of the work after it. */
export function CallDesk({ own }: { own: OwnCall }) {
  const t = useTexts();
  const { may } = useAccount();
  const note = useNote(own.id);
  const choice = useChoice(own.id, own.call?.purpose ?? undefined);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const line = own.call?.line ?? '';
  const codes = api.useQuery('get', '/api/v1/lines/{id}/codes', { params: { path: { id: line } } }, { enabled: line !== '' });
  const mayWrite = may.includes('write_up_call') && line !== '';
  const complains = withKinds(choice.purpose, codes.data?.purposes ?? []).includes('complaint');
  const isAfter = own.phase === 'wrap_up';
  return (
    <div className={styles.columns}>
      <Flex vertical gap={16}>
        <CallerCard own={own} />
        <PastCalls call={own.id} line={own.call?.line} />
        {line === '' ? null : <Script own={own} complains={complains} />}
      </Flex>
      <Flex vertical gap={16}>
        {own.standing.failure === undefined || isAfter ? null : <Back call={own.id} result={own.standing.failure} />}
        {mayWrite ? (
          <Card size="small" title={t('record')}>
            <Loaded query={codes}>
              {(found) => <NoteForm note={note} codes={found} choice={choice} missing={missing} />}
            </Loaded>
          </Card>
        ) : null}
      </Flex>
      <Flex vertical gap={16}>
        {own.phase === 'talking' && complains ? <QualityDesk call={own.id} purpose={choice.purpose} /> : null}
        {own.phase === 'talking' ? <Passing own={own} /> : null}
        {/* What is being written stays when the caller hangs up, or is passed on. */}
        {mayWrite && own.phase !== 'ringing' ? (
          <Flex>
            <TakeMessage call={own.id} />
          </Flex>
        ) : null}
        {isAfter && mayWrite && codes.data ? (
          <Card size="small">
            <WrapUp
              call={own.id}
              agent={own.agent}
              codes={codes.data}
              choice={choice}
              note={note}
              missing={missing}
              onMissing={setMissing}
            />
          </Card>
        ) : null}
      </Flex>
    </div>
  );
}
