import { BackwardOutlined, ForwardOutlined, PauseCircleFilled, PlayCircleFilled, RetweetOutlined } from '@ant-design/icons';
import { Button, Flex, Segmented, Switch, Tooltip, Typography } from 'antd';

import { useShortcut } from '../shortcuts/useShortcut';
import { lengthOf } from '../time/format';
import { SPEEDS } from './speed';
import { useTexts } from './texts';
import { useFocusKind } from './useFocusKind';
import type { Player } from './usePlayer';

const STEP_MS = 5000;
const JUMP_MS = 10_000;

/** What the player can be told, by mouse and by keys. */
export function Controls({ player, durationMs }: { player: Player; durationMs: number }) {
  const t = useTexts();
  useKeys(player);
  const loopText = !player.loop ? t('loop') : 'to' in player.loop ? t('loopOff') : t('loopEnd');
  return (
    <Flex gap={12} align="center" wrap>
      <Button
        type="primary"
        icon={player.isPlaying ? <PauseCircleFilled /> : <PlayCircleFilled />}
        onClick={player.toggle}
      >
        {player.isPlaying ? t('pause') : t('play')}
      </Button>
      <Tooltip title={t('back')}>
        <Button aria-label={t('back')} icon={<BackwardOutlined />} onClick={() => player.step(-STEP_MS)} />
      </Tooltip>
      <Tooltip title={t('forward')}>
        <Button aria-label={t('forward')} icon={<ForwardOutlined />} onClick={() => player.step(STEP_MS)} />
      </Tooltip>
      <Typography.Text className="figures">
        <time>{lengthOf(player.at)}</time> / {lengthOf(durationMs)}
      </Typography.Text>
      <Segmented
        aria-label={t('speed')}
        value={player.speed}
        options={SPEEDS.map((speed) => ({ value: speed, label: `${speed}×` }))}
        onChange={player.setSpeed}
      />
      <Button
        icon={<RetweetOutlined />}
        type={player.loop ? 'primary' : 'default'}
        ghost={player.loop !== undefined}
        onClick={player.turnLoop}
      >
        {loopText}
      </Button>
      <Flex gap={6} align="center">
        <Switch size="small" checked={player.skips} onChange={player.setSkips} aria-label={t('skipSilence')} />
        <span aria-hidden>{t('skipSilence')}</span>
      </Flex>
    </Flex>
  );
}

function useKeys(player: Player): void {
  const t = useTexts();
  const group = t('player');
  const { takesSpace, takesArrows } = useFocusKind();
  useShortcut({ keys: 'Space', label: t('playOrPause'), group, run: player.toggle }, !takesSpace);
  useShortcut({ keys: 'K', label: t('playOrPause'), group, run: player.toggle });
  useShortcut({ keys: 'J', label: t('jumpBack'), group, run: () => player.step(-JUMP_MS) });
  useShortcut({ keys: 'L', label: t('jumpForward'), group, run: () => player.step(JUMP_MS) });
  useShortcut({ keys: 'ArrowLeft', label: t('back'), group, run: () => player.step(-STEP_MS) }, !takesArrows);
  useShortcut({ keys: 'ArrowRight', label: t('forward'), group, run: () => player.step(STEP_MS) }, !takesArrows);
  useShortcut({ keys: '[', label: t('slower'), group, run: () => player.turnSpeed(-1) });
  useShortcut({ keys: ']', label: t('faster'), group, run: () => player.turnSpeed(1) });
  useShortcut({ keys: 'R', label: t('loopKey'), group, run: player.turnLoop });
  useShortcut({ keys: 'S', label: t('skipSilence'), group, run: () => player.setSkips(!player.skips) });
}
