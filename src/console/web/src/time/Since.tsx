import { Typography } from 'antd';

import { lengthOf } from './format';
import { useNow } from './now';

/** How long something has lasted, counting. */
export function Since({ from }: { from: string }) {
  const now = useNow();
  return (
    <Typography.Text className="figures" type="secondary">
      <time dateTime={from}>{lengthOf(now - Date.parse(from))}</time>
    </Typography.Text>
  );
}
