import { CheckCircleOutlined, CloseCircleOutlined, QuestionCircleOutlined, WarningOutlined } from '@ant-design/icons';
import { Tag } from 'antd';

import type { Schema } from '../api/types';
import { useTexts } from './texts';

const LOOKS = {
  well: { color: 'success', icon: <CheckCircleOutlined aria-hidden /> },
  unknown: { color: 'default', icon: <QuestionCircleOutlined aria-hidden /> },
  degraded: { color: 'warning', icon: <WarningOutlined aria-hidden /> },
  failed: { color: 'error', icon: <CloseCircleOutlined aria-hidden /> },
} as const;

/** How something is, by word, sign and colour. */
export function ConditionTag({ condition }: { condition: Schema<'Condition'> }) {
  const t = useTexts();
  return <Tag {...LOOKS[condition]}>{t(`condition.${condition}`)}</Tag>;
}
