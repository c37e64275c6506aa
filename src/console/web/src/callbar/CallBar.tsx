import { useAccount } from '../session/context';
import { OwnState } from './OwnState';

/** What an agent sees on every page: what he is doing now, and the call that he is in. */
export function CallBar() {
  const { extension, may } = useAccount();
  if (extension == null || !may.includes('see_agents')) return null;
  return <OwnState extension={extension} />;
}
