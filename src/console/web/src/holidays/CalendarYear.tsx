import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { YearEditor } from './YearEditor';

/** One year of a calendar, over the version of its section that is seen. */
export function CalendarYear({ calendar, year }: { calendar: Schema<'Calendar'>; year: number }) {
  const path = { kind: 'calendar', name: calendar.name };
  const section = api.useQuery('get', '/api/v1/setup/{kind}/{name}', { params: { path } });
  const known = calendar.years.find((one) => one.year === year);
  return (
    <Loaded query={section}>
      {(found) => <YearEditor key={`${found.version} ${JSON.stringify(known)}`} section={found} year={year} known={known} />}
    </Loaded>
  );
}
