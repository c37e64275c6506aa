import { Button, Flex, Popconfirm, type TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { ProblemAlert } from '../states/ProblemAlert';
import { WhenOpened, WrittenVersions } from '../states/Written';
import { Time } from '../time/Time';
import type { KindName } from './kinds';
import { useTexts } from './texts';

type Section = Schema<'SetupSection'>;

interface Props {
  kind: KindName;
  name: string;
  version: number;
  onRestored: () => void;
}

/** Every version of a section; an older one can be set up again. */
export function Versions(props: Props) {
  const t = useTexts();
  return (
    <WhenOpened label={t('versions')}>
      <All {...props} />
    </WhenOpened>
  );
}

function All({ kind, name, version, onRestored }: Props) {
  const t = useTexts();
  const path = { kind, name };
  const versions = api.useQuery('get', '/api/v1/setup/{kind}/{name}/versions', { params: { path } });
  const restore = api.useMutation('post', '/api/v1/setup/{kind}/{name}/restore', { onSuccess: onRestored });
  const header = { 'If-Match': `"${version}"` };
  const columns: TableColumnsType<Section> = [
    { title: t('from'), render: (_, one) => (one.version === 0 ? t('file') : t('version', { version: one.version })) },
    { title: t('by'), dataIndex: 'by' },
    { title: t('at'), render: (_, { at }) => (at ? <Time at={at} /> : null) },
    { title: t('reason'), dataIndex: 'reason' },
    {
      title: t('action'),
      render: (_, one) =>
        one.version === version || !one.document ? null : (
          <Popconfirm
            title={t('restoreAsk', { version: one.version })}
            onConfirm={() => restore.mutate({ params: { path, header }, body: { version: one.version, reason: '' } })}
          >
            <Button size="small">{t('restore')}</Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <Flex vertical gap={8}>
      <ProblemAlert error={restore.error} />
      <Loaded query={versions}>
        {({ items }) => (
          <WrittenVersions
            columns={columns}
            versions={items}
            heading={t('summary')}
            saidBy={({ document }) => document}
            gone={t('takenOut')}
          />
        )}
      </Loaded>
    </Flex>
  );
}
