import { MoreOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useState } from 'react';

import type { Conduct } from '../owncall/useConduct';
import type { OwnCall } from '../owncall/useOwnCall';
import { PauseRecording } from './PauseRecording';
import { useTexts } from './texts';

/** What is done less often with a call: help, the survey, parking, the recording. */
export function MoreOrders({ own: { standing }, conduct }: { own: OwnCall; conduct: Conduct }) {
  const t = useTexts();
  const [isPausing, setPausing] = useState(false);
  const items: NonNullable<MenuProps['items']> = [
    { key: 'hand', label: t(standing.handIsRaised ? 'lowerHand' : 'raiseHand') },
    { key: 'escalate', label: t('escalate'), disabled: standing.consult !== undefined },
    { type: 'divider' },
    { key: 'release', label: t('release') },
    { key: 'park', label: t('park') },
    { key: 'record', label: t(standing.recordingIsPaused ? 'resumeRecording' : 'pauseRecording') },
  ];
  const act = (key: string) => {
    switch (key) {
      case 'hand':
        return void conduct.order(standing.handIsRaised ? 'hand/lower' : 'hand/raise');
      case 'escalate':
        return void conduct.order('escalate');
      case 'release':
        return void conduct.order('release');
      case 'park':
        return void conduct.order('park');
      default:
        return standing.recordingIsPaused ? void conduct.record('resume') : setPausing(true);
    }
  };
  return (
    <>
      <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => act(key) }}>
        <Button icon={<MoreOutlined />} aria-label={t('more')} />
      </Dropdown>
      <PauseRecording isOpen={isPausing} conduct={conduct} onClose={() => setPausing(false)} />
    </>
  );
}
