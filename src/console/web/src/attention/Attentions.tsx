import { App } from 'antd';
import type { ReactNode } from 'react';
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
  // The floor shows what is asked of whoever leads; a queue of it shows its own calls only.
  const { pathname, search } = useLocation();
  const seesAll = pathname.startsWith('/floor') && !new URLSearchParams(search).has('queue');
  const leads = may.includes('answer_incident');
  const viewer = { extension: extension ?? undefined, calls, leads: leads && !seesAll };
  /** It stays until somebody has seen it. */
  const tell = (key: string, title: string, actions?: ReactNode, advice?: string) => {
    notification.warning({ key, title, description: advice, actions, duration: 0, placement: 'bottomRight', role: 'status' });
  };

  useEvent('attention', (event) => {
    if (!concerns(event, viewer)) return;
    const { title, advice } = text(event);
    // Who is in the call has it on the screen.
    const toCall = calls.includes(event.call) ? undefined : <Link to={`/calls/${event.call}`}>{t('toCall')}</Link>;
    tell(`${event.what} ${event.call}`, title, toCall, advice);
  });
  useEvent('incident', ({ incident, kind, action }) => {
    const known = KINDS.find((one) => one === kind);
    const done = ACTIONS.find((one) => one === action);
    const toFloor = leads ? <Link to="/floor">{t('toFloor')}</Link> : undefined;
    if (done) tell(`incident ${incident}`, t(`incident.${done}`, { kind: known ? t(`incident.${known}`) : kind }), toFloor);
  });
  useEvent('report', ({ report, topic, cause, count }) => {
    tell(`report ${report}`, cause === 'major' ? t('majorReport', { topic }) : t('report', { topic, count }));
  });
  return null;
}
