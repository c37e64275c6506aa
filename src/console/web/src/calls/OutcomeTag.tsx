import { Tag } from 'antd';

import { OUTCOMES } from './words';
import { useTexts } from './texts';

/** How a call ended, or that it goes on. */
export function OutcomeTag({ outcome }: { outcome: string | null | undefined }) {
  const t = useTexts();
  if (outcome == null) return <Tag color="processing">{t('running')}</Tag>;
  const known = OUTCOMES.find(({ name }) => name === outcome);
  if (!known) return <Tag>{outcome}</Tag>;
  return <Tag color={known.colour}>{t(`outcome.${known.name}`)}</Tag>;
}
