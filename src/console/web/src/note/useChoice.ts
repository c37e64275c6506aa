import { useState } from 'react';

import type { Handling } from '../wrapup/handling';

/** Why the caller rang, and what came of it, as chosen and not said yet. */
export interface Choice {
  purpose: string | undefined;
  outcome: string | undefined;
  handling: Handling;
  choose: (part: Partial<Pick<Choice, 'purpose' | 'outcome' | 'handling'>>) => void;
}

interface Kept {
  purpose?: string | undefined;
  outcome?: string | undefined;
  handling?: Handling | undefined;
}

/** Kept over a reload, as long as the tab is open. */
export function useChoice(call: string, said: string | undefined): Choice {
  const key = `thirdring.choice.${call}`;
  const [chosen, setChosen] = useState<Kept>(() => read(key));
  return {
    // The line's own purpose stands until somebody chooses another.
    purpose: 'purpose' in chosen ? chosen.purpose : said,
    outcome: chosen.outcome,
    handling: chosen.handling ?? {},
    choose: (part) => {
      const now = { ...chosen, ...part };
      setChosen(now);
      sessionStorage.setItem(key, JSON.stringify(now));
    },
  };
}

function read(key: string): Kept {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? '{}');
    return typeof kept === 'object' && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
