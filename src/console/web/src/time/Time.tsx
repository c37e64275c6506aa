import { usePreferences } from '../preferences/context';
import { dateTime } from './format';

/** A moment, in the site's zone, with seconds. */
export function Time({ at }: { at: string }) {
  const { language } = usePreferences();
  return (
    <time dateTime={at} className="figures" style={{ whiteSpace: 'nowrap' }}>
      {dateTime(at, language)}
    </time>
  );
}
