import { type ReactNode, Suspense } from 'react';

import { useTitle } from '../attention/useTitle';
import { usePreferences } from '../preferences/context';
import { useAccount } from '../session/context';
import { Broken } from '../states/Broken';
import { Loading } from '../states/Loading';
import { NoPermission } from '../states/NoPermission';
import { type Screen, isFor } from './screens';
import { titleOf } from './titleOf';

/** A screen: its title, whether one may see it, and what is shown if it breaks. */
export function ScreenFrame({ screen, children }: { screen: Screen; children: ReactNode }) {
  const { may } = useAccount();
  const { language } = usePreferences();
  useTitle(titleOf(screen, language));
  if (!isFor(screen, may)) return <NoPermission />;
  return (
    <Broken>
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </Broken>
  );
}
