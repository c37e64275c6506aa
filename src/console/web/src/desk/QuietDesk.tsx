import type { Schema } from '../api/types';
import { MissedCalls } from './MissedCalls';
import { OpenWrapUps } from './OpenWrapUps';
import { Tasks } from '../tasks/Tasks';
import styles from './Desk.module.css';

/** The desk between calls: whom to call back, what was missed, what is not written up. */
export function QuietDesk({ agent }: { agent: Schema<'Agent'> | undefined }) {
  return (
    <div className={styles.quiet}>
      <Tasks />
      {agent ? <OpenWrapUps agent={agent} /> : null}
      {agent ? <MissedCalls extension={agent.id} /> : null}
    </div>
  );
}
