import { Button, Flex, Tag } from 'antd';

import { useShortcut } from '../shortcuts/useShortcut';
import { useTexts } from './texts';

interface Outcome {
  code: string;
  name: string;
}

interface Props {
  outcomes: readonly Outcome[];
  chosen: string | undefined;
  onChoose: (code: string) => void;
}

/** What came of a call: the first nine by the keys 1 to 9. */
export function OutcomeKeys({ outcomes, chosen, onChoose }: Props) {
  const t = useTexts();
  return (
    <Flex wrap gap={8} role="group" aria-label={t('outcome')}>
      {outcomes.map((outcome, index) => (
        <OutcomeKey
          key={outcome.code}
          outcome={outcome}
          digit={index < 9 ? index + 1 : undefined}
          isChosen={outcome.code === chosen}
          onChoose={onChoose}
        />
      ))}
    </Flex>
  );
}

interface KeyProps {
  outcome: Outcome;
  digit: number | undefined;
  isChosen: boolean;
  onChoose: (code: string) => void;
}

function OutcomeKey({ outcome: { code, name }, digit, isChosen, onChoose }: KeyProps) {
  const t = useTexts();
  const run = () => onChoose(code);
  useShortcut({ keys: String(digit), label: name, group: t('group'), run }, digit !== undefined);
  return (
    <Button type={isChosen ? 'primary' : 'default'} aria-pressed={isChosen} onClick={run}>
      {digit === undefined ? null : <Tag style={{ marginInlineEnd: 0 }}>{digit}</Tag>}
      {name}
    </Button>
  );
}
