import { SectionsPage } from './SectionsPage';

export default function OutboundPage() {
  return <SectionsPage kind="outbound" />;
}
