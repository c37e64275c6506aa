import { Tag } from 'antd';

import { GRADES } from './words';
import { useTexts } from './texts';

/** What an answer, or its absence, was worth. */
export function GradeTag({ grade }: { grade: string | null | undefined }) {
  const t = useTexts();
  if (grade == null) return null;
  const known = GRADES.find(({ name }) => name === grade);
  if (!known) return <Tag>{grade}</Tag>;
  return <Tag color={known.colour}>{t(`grade.${known.name}`)}</Tag>;
}
