import { App, Button } from 'antd';
import { useLocation, useNavigate } from 'react-router';

import { useEvent } from '../events/context';
import { KINDS } from '../incidents/kinds';
import { useOwnAgent } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { concerns } from './forWhom';
import { useTexts } from './texts';
import { useAttentionText } from './useAttentionText';

/** So long a notice stays: for a look up from the work; not for ever, since it may be in the way. */
const SECONDS = 15;
const ACTIONS = ['escalated', 'acknowledged'] as const;

/** Tells whoever is in front of the screen what should be looked at now, wherever he is. */
export function Attentions() {
  const t = useTexts();
  const { extension, may } = useAccount();
  const { notification } = App.useApp();
  const navigate = useNavigate();
  const text = useAttentionText();
  const calls = useOwnAgent()?.calls ?? [];
  // The floor shows what is asked of whoever leads; a queue of it shows its own calls only.
  const { pathname, search } = useLocation();
  const seesAll = pathname.startsWith('/floor') && !new URLSearchParams(search).has('queue');
  const leads = may.includes('answer_incident');
  const viewer = { extension: extension ?? undefined, calls, leads: leads && !seesAll };
  const tell = (key: string, title: string, way?: { label: string; to: string }, advice?: string) => {
    const go = (to: string) => {
      notification.destroy(key);
      void navigate(to);
    };
    // A notice stands outside of the pages: a link of theirs would not work there.
    const actions = way ? (
      <Button size="small" type="primary" onClick={() => go(way.to)}>
        {way.label}
      </Button>
    ) : undefined;
    const what = { key, title, description: advice, actions };
    notification.warning({ ...what, duration: SECONDS, placement: 'bottomRight', role: 'status' });
  };

  useEvent('attention', (event) => {
    if (!concerns(event, viewer)) return;
    const { title, advice } = text(event);
    // Who is in the call has it on the screen.
    const toCall = { label: t('toCall'), to: `/calls/${event.call}` };
    tell(`${event.what} ${event.call}`, title, calls.includes(event.call) ? undefined : toCall, advice);
  });
  useEvent('incident', ({ incident, kind, action }) => {
    const known = KINDS.find((one) => one === kind);
    const done = ACTIONS.find((one) => one === action);
    const toFloor = leads ? { label: t('toFloor'), to: '/floor' } : undefined;
    if (done) tell(`incident ${incident}`, t(`incident.${done}`, { kind: known ? t(`incident.${known}`) : kind }), toFloor);
  });
  useEvent('report', ({ report, topic, cause, count }) => {
    tell(`report ${report}`, cause === 'major' ? t('majorReport', { topic }) : t('report', { topic, count }));
  });
  return null;
}
