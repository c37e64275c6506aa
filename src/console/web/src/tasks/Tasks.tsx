import { Badge, Card } from 'antd';

import { api } from '../api/client';
import { useMay } from '../session/context';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { TaskList } from './TaskList';
import { useTexts } from './texts';

/** Whom to call back, and messages to be heard: what nobody has taken on, and one's own. */
export function Tasks() {
  const t = useTexts();
  const maySee = useMay('see_calls');
  const tasks = api.useQuery('get', '/api/v1/tasks', { params: { query: { limit: 100 } } }, { enabled: maySee });
  if (!maySee) return null;
  return (
    <Card
      size="small"
      title={
        <>
          {t('title')} <Badge count={tasks.data?.items.length ?? 0} color="blue" />
        </>
      }
    >
      <Loaded query={tasks}>
        {({ items }) => (items.length === 0 ? <Empty title={t('none')} advice={t('noneAdvice')} /> : <TaskList tasks={items} />)}
      </Loaded>
    </Card>
  );
}
