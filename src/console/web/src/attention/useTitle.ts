import { useEffect } from 'react';

import { flashing } from './flash';

/** The page's title in the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    flashing.rest = `${title} · thirdring`;
    flashing.show();
  }, [title]);
}
