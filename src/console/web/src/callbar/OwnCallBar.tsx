import { Flex } from 'antd';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';

import { Caller } from '../caller/Caller';
import { ReportIncident } from '../incidents/ReportIncident';
import type { OwnCall } from '../owncall/useOwnCall';
import { BesideBar } from '../supervision/BesideBar';
import { Incoming } from './Incoming';
import { TalkButtons } from './TalkButtons';
import { TalkTimes } from './TalkTimes';
import { Countdown } from '../wrapup/Countdown';
import { useTexts } from './texts';

/** The agent's call: who it is, how long it has been, and what can be done. */
export function OwnCallBar({ own }: { own: OwnCall }) {
  const t = useTexts();
  const { pathname } = useLocation();
  const [isReporting, setReporting] = useState(false);
  const isAtDesk = pathname.startsWith('/desk');
  // Whoever listens in has another's call, and is not to hang up on its caller.
  const { beside } = own.standing;
  if (beside?.agent === own.agent.id) return <BesideBar own={own} beside={beside} />;
  return (
    <Flex align="center" gap={12} wrap style={{ minWidth: 0 }}>
      <Caller own={own} />
      {own.phase === 'ringing' ? <Incoming own={own} /> : null}
      {own.phase === 'talking' ? (
        <>
          <TalkTimes own={own} />
          <TalkButtons own={own} onReport={() => setReporting(true)} />
        </>
      ) : null}
      {own.phase === 'wrap_up' && own.agent.wrap_up_until ? <Countdown until={own.agent.wrap_up_until} /> : null}
      {/* What is being written stays when the caller hangs up. */}
      {isReporting ? <ReportIncident call={own.id} onClose={() => setReporting(false)} /> : null}
      {isAtDesk ? null : <Link to="/desk">{t('toDesk')}</Link>}
    </Flex>
  );
}
