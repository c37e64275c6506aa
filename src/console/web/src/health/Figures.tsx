import { Descriptions } from 'antd';

import { bytes } from './bytes';
import { useTexts } from './texts';

/** What is measured; the unit stands at the end of its name. */
const KNOWN = [
  'calls',
  'waiting_entries',
  'lag_ms',
  'journal_bytes',
  'waiting_recordings',
  'waiting_bytes',
  'free_bytes',
  'size_bytes',
  'channels_free',
  'agents',
  'registrations',
  'unreachable',
] as const;

/** What was measured of a part. */
export function Figures({ figures }: { figures: Record<string, number> }) {
  const t = useTexts();
  const labelOf = (name: string) => {
    const known = KNOWN.find((one) => one === name);
    return known ? t(`figure.${known}`) : name;
  };
  return (
    <Descriptions
      size="small"
      column={2}
      items={Object.entries(figures).map(([name, value]) => ({
        key: name,
        label: labelOf(name),
        children: <span className="figures">{shown(name, value)}</span>,
      }))}
    />
  );
}

function shown(name: string, value: number): string {
  if (name.endsWith('_bytes')) return bytes(value);
  return name.endsWith('_ms') ? `${value} ms` : String(value);
}
