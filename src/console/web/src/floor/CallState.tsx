import { Tag } from 'antd';

import type { Schema } from '../api/types';
import { useTexts } from './texts';

/** What a running call is in, and the colour that goes with the word. */
const STATES = [
  { name: 'arriving', colour: 'default' },
  { name: 'dialogue', colour: 'default' },
  { name: 'waiting', colour: 'warning' },
  { name: 'ringing', colour: 'processing' },
  { name: 'talking', colour: 'success' },
  { name: 'held', colour: 'warning' },
  { name: 'parked', colour: 'warning' },
  { name: 'passed_on', colour: 'processing' },
] as const;

/** How a call stands, in a word; which ring it is, while it rings. */
export function CallState({ now: { state, ring } }: { now: Schema<'CallNow'> }) {
  const t = useTexts();
  const known = STATES.find(({ name }) => name === state);
  return (
    <>
      <Tag color={known?.colour ?? 'default'}>{known ? t(`call.${known.name}`) : state}</Tag>
      {ring == null ? null : <span>{t('ring', { n: ring })}</span>}
    </>
  );
}
