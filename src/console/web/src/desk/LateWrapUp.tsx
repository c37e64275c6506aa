import { Flex } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { NoteForm } from '../note/NoteForm';
import { useChoice } from '../note/useChoice';
import { useNote } from '../note/useNote';
import { Loaded } from '../states/Loaded';
import { WrapUp } from '../wrapup/WrapUp';

interface Props {
  call: string;
  line: string;
  agent: Schema<'Agent'>;
}

/** Writes up a call that was over long ago: nothing counts down. */
export function LateWrapUp({ call, line, agent }: Props) {
  const note = useNote(call);
  const said = api.useQuery('get', '/api/v1/calls/{id}/wrap-up', { params: { path: { id: call } } });
  const choice = useChoice(call, said.data?.purpose ?? undefined);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const codes = api.useQuery('get', '/api/v1/lines/{id}/codes', { params: { path: { id: line } } });
  return (
    <Loaded query={codes}>
      {(found) => (
        <Flex vertical gap={16}>
          <NoteForm note={note} codes={found} choice={choice} missing={missing} />
          <WrapUp
            call={call}
            agent={{ ...agent, wrap_up_until: null }}
            codes={found}
            choice={choice}
            note={note}
            missing={missing}
            onMissing={setMissing}
          />
        </Flex>
      )}
    </Loaded>
  );
}
