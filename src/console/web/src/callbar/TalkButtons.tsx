import { AudioMutedOutlined, AudioOutlined, PauseOutlined, PhoneOutlined, PlayCircleOutlined, SwapOutlined } from '@ant-design/icons';
import { Button, Flex } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { useConduct } from '../owncall/useConduct';
import type { OwnCall } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { HangUp } from './HangUp';
import { MoreOrders } from './MoreOrders';
import { useTexts } from './texts';

/** What an agent does with the call that he is in. */
export function TalkButtons({ own, onReport }: { own: OwnCall; onReport: () => void }) {
  const t = useTexts();
  const { may } = useAccount();
  const navigate = useNavigate();
  const conduct = useConduct(own.id);
  const [isHangingUp, setHangingUp] = useState(false);
  const { standing } = own;
  const mayConduct = may.includes('conduct_call');
  const isHeld = standing.heldSince !== undefined;
  const isMuted = standing.mutedSince !== undefined;

  const hold = () => void (isHeld ? conduct.order('retrieve') : conduct.hold());
  const mute = () => void conduct.order(isMuted ? 'unmute' : 'mute');
  const pass = () => void navigate('/desk?pass');
  // Nobody needs a reason to hang up on somebody who is gone.
  const hangUp = () => {
    if (standing.isOver) void conduct.hangUp(undefined);
    else setHangingUp(true);
  };
  const group = t('call');
  useShortcut({ keys: 'H', label: t(isHeld ? 'retrieve' : 'hold'), group, run: hold }, mayConduct);
  useShortcut({ keys: 'M', label: t(isMuted ? 'unmute' : 'mute'), group, run: mute }, mayConduct);
  useShortcut({ keys: 'X', label: t('pass'), group, run: pass }, mayConduct);
  useShortcut({ keys: 'Ctrl+Shift+H', label: t('hangUp'), group, run: hangUp, whileTyping: true }, mayConduct);
  if (!mayConduct) return null;
  return (
    <Flex align="center" gap={6} wrap>
      <Button
        icon={isHeld ? <PlayCircleOutlined /> : <PauseOutlined />}
        loading={conduct.pending === 'wait' || conduct.pending === 'retrieve'}
        disabled={standing.noticePlays}
        onClick={hold}
      >
        {t(isHeld ? 'retrieve' : 'hold')}
      </Button>
      <Button
        icon={isMuted ? <AudioOutlined /> : <AudioMutedOutlined />}
        loading={conduct.pending === 'mute' || conduct.pending === 'unmute'}
        onClick={mute}
      >
        {t(isMuted ? 'unmute' : 'mute')}
      </Button>
      <Button icon={<SwapOutlined />} onClick={pass}>
        {t('pass')}
      </Button>
      <MoreOrders own={own} conduct={conduct} onReport={onReport} />
      <Button danger icon={<PhoneOutlined rotate={135} />} loading={conduct.pending === 'hang-up'} onClick={hangUp}>
        {t('hangUp')}
      </Button>
      <HangUp isOpen={isHangingUp} conduct={conduct} onClose={() => setHangingUp(false)} />
    </Flex>
  );
}
