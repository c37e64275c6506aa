import { MoreOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useState } from 'react';

import type { Conduct } from '../owncall/useConduct';
import type { OwnCall } from '../owncall/useOwnCall';
import { useMay } from '../session/context';
import { ReasonFor } from './ReasonFor';
import { useTexts } from './texts';
import { useEmergencies } from './useEmergencies';

/** What an emergency contact's entry in the menu is known by. */
const EMERGENCY = 'emergency ';

/** What is done less often with a call: help, the survey, parking, the recording. */
export function MoreOrders({ own: { standing }, conduct, onReport }: { own: OwnCall; conduct: Conduct; onReport: () => void }) {
  const t = useTexts();
  const emergencies = useEmergencies();
  const mayReport = useMay('report_incident');
  const [asked, setAsked] = useState<'pause' | 'private'>();
  const items: NonNullable<MenuProps['items']> = [
    { key: 'hand', label: t(standing.handIsRaised ? 'lowerHand' : 'raiseHand') },
    { key: 'escalate', label: t('escalate'), disabled: standing.consult !== undefined },
    {
      key: 'emergency',
      label: t('emergency'),
      danger: true,
      disabled: emergencies.length === 0,
      children: emergencies.map(({ name, label }) => ({ key: `${EMERGENCY}${name}`, label, danger: true })),
    },
    { type: 'divider' },
    { key: 'release', label: t('release') },
    { key: 'park', label: t('park') },
    { key: 'record', label: t(standing.recordingIsPaused ? 'resumeRecording' : 'pauseRecording') },
    { key: 'private', label: t('markPrivate'), disabled: standing.isPrivate },
    ...(mayReport ? [{ key: 'incident', label: t('reportIncident') }] : []),
  ];
  const act = (key: string) => {
    if (key.startsWith(EMERGENCY)) return void conduct.emergency(key.slice(EMERGENCY.length));
    switch (key) {
      case 'hand':
        return void conduct.order(standing.handIsRaised ? 'hand/lower' : 'hand/raise');
      case 'escalate':
        return void conduct.order('escalate');
      case 'release':
        return void conduct.order('release');
      case 'park':
        return void conduct.order('park');
      case 'private':
        return setAsked('private');
      case 'incident':
        return onReport();
      default:
        return standing.recordingIsPaused ? void conduct.record('resume') : setAsked('pause');
    }
  };
  const close = () => setAsked(undefined);
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => act(key) }}>
        <Button icon={<MoreOutlined />} aria-label={t('more')} />
      </Dropdown>
      <ReasonFor
        title={t('pauseRecording')}
        usual={[t('pause.idNumber'), t('pause.cardNumber'), t('pause.caller')]}
        isOpen={asked === 'pause'}
        onSay={(reason) => conduct.record('pause', reason)}
        onClose={close}
      />
      <ReasonFor
        title={t('markPrivate')}
        usual={[t('usual.family'), t('usual.illness')]}
        isOpen={asked === 'private'}
        onSay={conduct.markPrivate}
        onClose={close}
      />
    </>
  );
}
