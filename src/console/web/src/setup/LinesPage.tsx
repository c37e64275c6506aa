import { SectionsPage } from './SectionsPage';

export default function LinesPage() {
  return <SectionsPage kind="line" />;
}
