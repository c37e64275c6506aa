import type { TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { WhenOpened, WrittenVersions } from '../states/Written';
import { Time } from '../time/Time';
import { useTexts } from './texts';

type Version = Schema<'KeptVersion'>;

interface Props {
  path: '/api/v1/directory/{id}/versions' | '/api/v1/matters/{id}/versions';
  id: string;
}

/** Every version of something that is kept: who wrote it, when, and what it said. */
export function KeptVersions(props: Props) {
  const t = useTexts();
  return (
    <WhenOpened label={t('versions')}>
      <All {...props} />
    </WhenOpened>
  );
}

function All({ path, id }: Props) {
  const t = useTexts();
  const versions = api.useQuery('get', path, { params: { path: { id } } });
  const columns: TableColumnsType<Version> = [
    { title: t('version'), dataIndex: 'version' },
    { title: t('by'), dataIndex: 'author' },
    { title: t('at'), render: (_, { at }) => <Time at={at} /> },
    { title: t('reason'), dataIndex: 'reason' },
  ];
  return (
    <Loaded query={versions}>
      {({ items }) => (
        <WrittenVersions
          columns={columns}
          versions={items.toReversed()}
          heading={t('said')}
          saidBy={({ said }) => said}
          gone={t('gone')}
        />
      )}
    </Loaded>
  );
}
