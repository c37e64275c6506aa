import { SectionsPage } from './SectionsPage';

export default function AgentsPage() {
  return <SectionsPage kind="agent" />;
}
