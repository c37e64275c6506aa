import { SectionsPage } from './SectionsPage';

export default function CalendarsPage() {
  return <SectionsPage kind="calendar" />;
}
