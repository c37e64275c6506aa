import { Tag } from 'antd';

import { STATES } from './states';
import { useTexts } from './texts';

/** What an agent is doing, as agents call it. The word says it; the colour only helps. */
export function AgentState({ state, reason }: { state: string; reason?: string | undefined }) {
  const t = useTexts();
  const known = STATES.find(({ name }) => name === state);
  if (!known) return <Tag>{state}</Tag>;
  const word = t(`state.${known.name}`);
  return <Tag color={known.colour}>{reason ? t('withReason', { word, reason }) : word}</Tag>;
}
