import { App, List } from 'antd';

import { useProblemText } from '../api/useProblemText';
import type { Schema } from '../api/types';
import { TaskEntry } from './TaskEntry';
import { byDue } from './due';

/** Tasks, what is due first before the others. */
export function TaskList({ tasks }: { tasks: readonly Schema<'Task'>[] }) {
  const { message } = App.useApp();
  const problemText = useProblemText();
  const tell = (error: unknown) => {
    const { title, advice } = problemText(error);
    void message.error(`${title} ${advice}`);
  };
  return (
    <List
      size="small"
      dataSource={[...tasks].sort(byDue)}
      rowKey="id"
      renderItem={(task) => <TaskEntry key={task.id} task={task} onError={tell} />}
    />
  );
}
