import { Button, Flex } from 'antd';

import { useMay } from '../session/context';
import { MODES } from '../supervision/modes';
import { useSupervision } from '../supervision/useSupervision';
import { useTexts } from './texts';
import type { Running } from './urgency';

interface Props {
  call: Running;
  agent: string;
  isOff: boolean;
}

/** The ways into a call that somebody else has: one's own phone rings for each. */
export function Begin({ call: { id, now }, agent, isOff }: Props) {
  const t = useTexts();
  const mayJoin = useMay('join_in');
  const { pending, begin } = useSupervision(id);
  const modes = MODES.filter((mode) => mode === 'listen' || mayJoin);
  return (
    <Flex gap={4} wrap>
      {modes.map((mode) => (
        <Button
          key={mode}
          size="small"
          aria-label={t(`begin.${mode}`, { agent })}
          disabled={isOff || !now.can_be_supervised || (pending !== undefined && pending !== mode)}
          loading={pending === mode}
          onClick={() => begin(mode)}
        >
          {t(`short.${mode}`)}
        </Button>
      ))}
    </Flex>
  );
}
