import { Select } from 'antd';
import { useSearchParams } from 'react-router';

import { useAccount } from '../session/context';
import { PageTitle } from '../states/PageTitle';
import { Agents } from './Agents';
import { Alarms } from './Alarms';
import { Breaks } from './Breaks';
import { Calls } from './Calls';
import { Hunt } from './Hunt';
import { Incidents } from './Incidents';
import { Switches } from './Switches';
import styles from './floor.module.css';
import { namesOf } from '../agents/names';
import { type Floor, narrowed } from './scope';
import { useTexts } from './texts';

/** The floor, of all queues or of one: which, the address keeps. */
export function FloorView({ floor }: { floor: Floor }) {
  const t = useTexts();
  const { extension, may } = useAccount();
  const [params, setParams] = useSearchParams();
  const queue = params.get('queue');
  const { agents, queues, lines, calls } = narrowed(floor, queue, extension);
  const nameOf = namesOf(floor.agents);
  const hands = new Set(calls.flatMap(({ now }) => (now.hand ? [now.hand.agent] : [])));
  const choose = (chosen: string | undefined) => setParams(chosen === undefined ? {} : { queue: chosen }, { replace: true });
  const select = (
    <Select
      allowClear
      showSearch
      aria-label={t('whose')}
      placeholder={t('allQueues')}
      value={queue}
      options={floor.queues.map(({ id }) => ({ value: id, label: id }))}
      onChange={(chosen: string | null | undefined) => choose(chosen ?? undefined)}
      style={{ minWidth: 180 }}
    />
  );
  return (
    <>
      <PageTitle actions={select}>{t('title')}</PageTitle>
      <div className={styles.grid}>
        <Alarms queues={queues} lines={lines} calls={calls} nameOf={nameOf} />
        <Calls calls={calls} nameOf={nameOf} />
        <div className={styles.column}>
          <Agents agents={agents} hands={hands} />
          {may.includes('answer_incident') ? <Incidents /> : null}
        </div>
        <div className={styles.column}>
          <Breaks agents={agents} nameOf={nameOf} />
          <Hunt queues={queues} agents={agents} nameOf={nameOf} />
          {may.includes('switch_line') ? <Switches lines={lines} nameOf={nameOf} /> : null}
        </div>
      </div>
    </>
  );
}
