import { Flex, Select, Typography } from 'antd';
import { useSearchParams } from 'react-router';

import { api } from '../api/client';
import { InEffect } from '../setup/InEffect';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { LineCodes } from './LineCodes';
import { useTexts } from './texts';

/** Why callers ring and what comes of it: the trees of codes, line by line (R029, R085). */
export default function CodesPage() {
  const t = useTexts();
  const [params, setParams] = useSearchParams();
  const lines = api.useQuery('get', '/api/v1/setup/{kind}', { params: { path: { kind: 'line' } } });
  const names = lines.data?.items.map(({ name }) => name) ?? [];
  const line = params.get('line') ?? names[0];
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <Select
            showSearch
            aria-label={t('line')}
            value={line ?? null}
            options={names.map((name) => ({ value: name, label: name }))}
            onChange={(name) => setParams({ line: name }, { replace: true })}
            style={{ width: 220 }}
          />
        }
      >
        {t('title')}
      </PageTitle>
      <InEffect />
      <Typography.Text type="secondary">{t('advice')}</Typography.Text>
      <Loaded query={lines}>
        {({ items }) => {
          const section = items.find(({ name }) => name === line);
          if (!section) return <Empty title={t('noLine')} advice={t('noLineAdvice')} />;
          return <LineCodes key={`${section.name} ${section.version}`} section={section} />;
        }}
      </Loaded>
    </Flex>
  );
}
