import { Tag } from 'antd';
import type { ReactNode } from 'react';

import type { Schema } from '../api/types';
import { flagsOf } from './flags';
import { useTexts } from './texts';

const URGENT = ['emergency', 'late', 'passed_on_often'];

/** What somebody should look at in a call, as tags. */
export function useFlags(call: Schema<'Call'>): ReactNode[] {
  const t = useTexts();
  return flagsOf(call).map((flag) => (
    <Tag key={flag} color={URGENT.includes(flag) ? 'error' : 'warning'}>
      {t(`flag.${flag}`)}
    </Tag>
  ));
}
