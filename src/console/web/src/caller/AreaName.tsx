import { Tag } from 'antd';

import type { Schema } from '../api/types';
import { usePreferences } from '../preferences/context';

/** Where a land line is at home; of other numbers nobody knows. */
export function AreaName({ area }: { area: Schema<'Area'> | null | undefined }) {
  const { language } = usePreferences();
  if (!area) return null;
  return <Tag>{language === 'en' ? area.name_en : area.name}</Tag>;
}
