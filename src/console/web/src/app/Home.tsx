import { Navigate } from 'react-router';

import { useAccount } from '../session/context';
import { NoPermission } from '../states/NoPermission';
import { firstFor } from './screens';

/** Leads everybody to the screen that his work begins with. */
export function Home() {
  const first = firstFor(useAccount().may);
  return first ? <Navigate to={first.path} replace /> : <NoPermission />;
}
