import { SectionsPage } from './SectionsPage';

export default function QueuesPage() {
  return <SectionsPage kind="queue" />;
}
