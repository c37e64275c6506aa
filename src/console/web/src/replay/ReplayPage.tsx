import { ArrowLeftOutlined } from '@ant-design/icons';
import { Card, ConfigProvider, Flex, Tabs, theme } from 'antd';
import { Link, useParams } from 'react-router';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useMay } from '../session/context';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { CallFacts } from './CallFacts';
import { Events } from './Events';
import { Happenings } from './Happenings';
import { Ladder } from './Ladder';
import { Lanes } from './Lanes';
import { Notes } from './Notes';
import { Recording } from './Recording';
import type { Timeline } from './lanes';
import { useTexts } from './texts';
import { useFresh } from './useFresh';

/** One call: what happened, what was said, what the wire carried. */
export default function ReplayPage() {
  const t = useTexts();
  const { id = '' } = useParams();
  const path = { params: { path: { id } } };
  const call = api.useQuery('get', '/api/v1/calls/{id}', path);
  const line = api.useQuery('get', '/api/v1/calls/{id}/timeline', path);
  useFresh(id);
  return (
    <Flex vertical gap={16}>
      <Link to="/calls">
        <ArrowLeftOutlined aria-hidden /> {t('backToList')}
      </Link>
      <PageTitle>{t('title')}</PageTitle>
      <Loaded query={call}>
        {(detail) => <Loaded query={line}>{(timeline) => <Whole call={detail} line={timeline} />}</Loaded>}
      </Loaded>
    </Flex>
  );
}

function Whole({ call, line }: { call: Schema<'CallDetailView'>; line: Timeline }) {
  const t = useTexts();
  // The colour of the chosen tab is too weak on a dark ground.
  const { token } = theme.useToken();
  const seesRecordings = useMay('see_recordings');
  const seesTrace = useMay('see_trace');
  const tabs = [
    { key: 'happenings', label: t('happenings'), children: <Happenings line={line} /> },
    { key: 'notes', label: t('notes'), children: <Notes call={call.id} line={call.line} /> },
    ...(seesTrace ? [{ key: 'ladder', label: t('ladder'), children: <Ladder call={call.id} /> }] : []),
    { key: 'events', label: t('events'), children: <Events call={call.id} /> },
  ];
  return (
    <>
      <Card>
        <CallFacts call={call} />
      </Card>
      {seesRecordings ? <Recording call={call.id} line={line} /> : null}
      <Lanes line={line} />
      <Card>
        <ConfigProvider theme={{ components: { Tabs: { itemSelectedColor: token.colorLink, itemHoverColor: token.colorLink } } }}>
          <Tabs items={tabs} destroyOnHidden />
        </ConfigProvider>
      </Card>
    </>
  );
}
