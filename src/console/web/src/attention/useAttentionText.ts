import { namesOf } from '../agents/names';
import { api } from '../api/client';
import type { AttentionEvent } from '../events/kinds';
import { usePreferences } from '../preferences/context';
import { useMay } from '../session/context';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

const STAGES = ['ring', 'queue', 'talk', 'hold', 'transfer', 'wrap_up', 'call_back'] as const;

/** What there is to say, and what to do where that is not plain. */
export interface AttentionText {
  title: string;
  advice?: string;
}

/** Gives a function that says in words what should be looked at. */
export function useAttentionText(): (event: AttentionEvent) => AttentionText {
  const t = useTexts();
  const { language } = usePreferences();
  // Agents are told of their own calls only.
  const enabled = useMay('listen_in');
  const contacts = api.useQuery('get', '/api/v1/emergency-contacts', {}, { enabled });
  const agents = api.useQuery('get', '/api/v1/agents', {}, { enabled });
  const nameOf = namesOf(agents.data?.items ?? []);
  const contactOf = (name: string) => {
    const known = contacts.data?.items.find((one) => one.name === name);
    return (language === 'en' ? known?.label_en : undefined) ?? known?.label ?? name;
  };
  return (event) => {
    switch (event.what) {
      case 'hold_is_long': {
        const title = t('call.hold_is_long', { time: lengthOf(event.held_ms) });
        return event.is_very_long ? { title, advice: t('advice.hold_is_long') } : { title };
      }
      case 'hand':
        return { title: t('call.hand', { agent: nameOf(event.agent) }) };
      case 'escalated':
        return { title: t(event.urgent ? 'call.urgent' : 'call.escalated', { agent: nameOf(event.agent) }) };
      case 'emergency':
        return { title: t('call.emergency', { agent: nameOf(event.agent), contact: contactOf(event.contact) }) };
      case 'passed_on_often':
        return { title: t('call.passed_on_often', { count: event.transfers }), advice: t('advice.passed_on_often') };
      case 'private_is_long':
        return { title: t(event.is_over ? 'call.private_is_over' : 'call.private_is_long') };
      case 'stage_is_long': {
        const known = STAGES.find((stage) => stage === event.stage);
        const stage = known ? t(`stage.${known}`) : event.stage;
        return { title: t('call.stage_is_long', { stage, limit: lengthOf(event.limit_ms) }) };
      }
    }
  };
}
