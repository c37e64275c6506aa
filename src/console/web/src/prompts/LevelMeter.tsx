import { theme } from 'antd';

import { filledBy, loudnessOf } from './level';
import { useTexts } from './texts';

/** How loud it is now. */
export function LevelMeter({ peak }: { peak: number }) {
  const t = useTexts();
  const { token } = theme.useToken();
  const percent = Math.round(100 * filledBy(peak));
  const background = loudnessOf(peak) === 'clipped' ? token.colorError : token.colorSuccess;
  return (
    <div
      role="meter"
      aria-label={t('level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      style={{ height: 12, borderRadius: 6, overflow: 'hidden', background: token.colorFillSecondary }}
    >
      <div style={{ width: `${percent}%`, height: '100%', background }} />
    </div>
  );
}
