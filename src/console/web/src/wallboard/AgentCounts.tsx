import { AgentState } from '../agents/AgentState';
import { STATES } from '../agents/states';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Panel } from './Panel';
import { byState } from './figures';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** How many agents do what. */
export function AgentCounts({ agents }: { agents: readonly Schema<'Agent'>[] }) {
  const t = useTexts();
  const counts = byState(agents);
  return (
    <Panel title={t('agents')}>
      {agents.length === 0 ? (
        <Empty title={t('noAgents')} />
      ) : (
        <dl className={styles.states}>
          {STATES.map(({ name }) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>
                <AgentState state={name} />
              </dt>
              <dd className="figures">{counts.get(name) ?? 0}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
