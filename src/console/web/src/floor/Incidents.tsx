import { Button, Flex, Tag, Typography } from 'antd';
import { Link } from 'react-router';

import { api } from '../api/client';
import { KINDS } from '../incidents/kinds';
import { useTexts } from '../incidents/texts';
import { Loaded } from '../states/Loaded';
import { ProblemAlert } from '../states/ProblemAlert';
import { Time } from '../time/Time';
import { Panel } from './Panel';
import styles from './floor.module.css';
import { useTexts as useFloorTexts } from './texts';

const query = { open: true, limit: 20 };

/** What was reported and nobody has said to know yet, the first before the others (R120). */
export function Incidents() {
  const t = useTexts();
  const tFloor = useFloorTexts();
  const incidents = api.useQuery('get', '/api/v1/incidents', { params: { query } });
  const acknowledge = api.useMutation('post', '/api/v1/incidents/{id}/acknowledge', { onSuccess: () => incidents.refetch() });
  const nameOf = (kind: string) => {
    const known = KINDS.find((one) => one === kind);
    return known ? t(`kind.${known}`) : kind;
  };
  return (
    <Panel title={t('open')}>
      <ProblemAlert error={acknowledge.error} />
      <Loaded query={incidents}>
        {({ items }) =>
          items.length === 0 ? (
            <Typography.Text type="secondary">{t('none')}</Typography.Text>
          ) : (
            <ul className={styles.list}>
              {items.map(({ id, kind, call, text, reported_at, reported_by }) => (
                <li key={id} className={styles.entry}>
                  <Flex vertical gap={4} style={{ minWidth: 0 }}>
                    <Flex gap={6} wrap align="center">
                      <Tag color="error">{nameOf(kind)}</Tag>
                      <Time at={reported_at} />
                      {call == null ? null : <Link to={`/calls/${call}`}>{tFloor('toCall')}</Link>}
                    </Flex>
                    <Typography.Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text ?? t('erased')}</Typography.Text>
                    <Typography.Text type="secondary">{t('by', { name: reported_by })}</Typography.Text>
                  </Flex>
                  <Button
                    size="small"
                    aria-label={t('acknowledgeOf', { name: reported_by, kind: nameOf(kind) })}
                    loading={acknowledge.isPending && acknowledge.variables.params.path.id === id}
                    onClick={() => acknowledge.mutate({ params: { path: { id } }, body: {} })}
                  >
                    {t('acknowledge')}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
