import { App } from 'antd';
import { Link, useLocation } from 'react-router';

import { useEvent } from '../events/context';
import { KINDS } from '../incidents/kinds';
import { useOwnAgent } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { concerns } from './forWhom';
import { useTexts } from './texts';
import { useAttentionText } from './useAttentionText';

const ACTIONS = ['escalated', 'acknowledged'] as const;

/** Tells whoever is in front of the screen what should be looked at now, wherever he is. */
export function Attentions() {
  const t = useTexts();
  const { extension, may } = useAccount();
  const { notification } = App.useApp();
  const text = useAttentionText();
  const calls = useOwnAgent()?.calls ?? [];
  // The floor shows what is asked of whoever leads.
  const isAtFloor = useLocation().pathname.startsWith('/floor');
  const viewer = { extension: extension ?? undefined, calls, leads: may.includes('listen_in') && !isAtFloor };
  const tell = (key: string, title: string, call?: string, advice?: string) => {
    const actions = call === undefined ? undefined : <Link to={`/calls/${call}`}>{t('toCall')}</Link>;
    notification.warning({ key, title, description: advice, actions, placement: 'bottomRight', role: 'status' });
  };

  useEvent('attention', (event) => {
    if (!concerns(event, viewer)) return;
    const { title, advice } = text(event);
    // Who is in the call has it on the screen.
    tell(`${event.what} ${event.call}`, title, calls.includes(event.call) ? undefined : event.call, advice);
  });
  useEvent('incident', ({ incident, kind, action }) => {
    const known = KINDS.find((one) => one === kind);
    const done = ACTIONS.find((one) => one === action);
    if (done) tell(`incident ${incident}`, t(`incident.${done}`, { kind: known ? t(`incident.${known}`) : kind }));
  });
  useEvent('report', ({ report, topic, cause, count }) => {
    tell(`report ${report}`, cause === 'major' ? t('majorReport', { topic }) : t('report', { topic, count }));
  });
  return null;
}
