import { Alert, Button, Card, Flex, Form, Input, Tabs } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Versions } from '../setup/Versions';
import { useSaveSection } from '../setup/useSaveSection';
import { Loaded } from '../states/Loaded';
import { ProblemAlert } from '../states/ProblemAlert';
import { CodeTree } from './CodeTree';
import { type Row, faultsOf, rowsOf, written } from './rows';
import { useTexts } from './texts';

const TREES = ['purposes', 'outcomes'] as const;

type TreeName = (typeof TREES)[number];
type Trees = Record<TreeName, readonly Row[]>;

/** Both trees of a line, as they count now and as they are to be. */
export function LineCodes({ section }: { section: Schema<'SetupSection'> }) {
  // What is set up counts within seconds; this shows what is set up.
  const codes = api.useQuery('get', '/api/v1/lines/{id}/codes', { params: { path: { id: section.name } } });
  return (
    <Loaded query={codes}>
      {(inEffect) => {
        const document = (section.document ?? {}) as Partial<Record<TreeName, readonly Schema<'Code'>[]>>;
        const own = (name: TreeName) => (document[name]?.length ? document[name].map(whole) : inEffect[name]);
        const trees = { purposes: rowsOf(own('purposes')), outcomes: rowsOf(own('outcomes')) };
        return <Editor section={section} before={trees} />;
      }}
    </Loaded>
  );
}

/** As a section has it, a code says only what is to be said. */
function whole(code: Partial<Schema<'Code'>>): Schema<'Code'> {
  return { code: '', name: '', ...code, retired: code.retired ?? false };
}

function Editor({ section, before }: { section: Schema<'SetupSection'>; before: Trees }) {
  const t = useTexts();
  // What was read first stays: an event that has it read anew takes nobody's work away.
  const [known] = useState(before);
  const [trees, setTrees] = useState(before);
  const [shown, setShown] = useState<TreeName>('purposes');
  const [reason, setReason] = useState('');
  const { save, isSaving, error, invalidate } = useSaveSection('line', section);
  const changed = TREES.filter((name) => said(trees[name]) !== said(known[name]));
  const faults = TREES.flatMap((name) => [...faultsOf(trees[name]).values()]);
  const keep = () => {
    const trees_ = Object.fromEntries(changed.map((name) => [name, written(trees[name])]));
    save({ ...section.document, ...trees_ }, reason);
  };
  return (
    <Flex vertical gap={16}>
      <ProblemAlert error={error} />
      <Card size="small">
        <Tabs
          activeKey={shown}
          onChange={(key) => setShown(key as TreeName)}
          items={TREES.map((name) => ({
            key: name,
            label: t(`tree.${name}`),
            children: (
              <CodeTree
                label={t(`tree.${name}`)}
                rows={trees[name]}
                onChange={(rows) => setTrees((all) => ({ ...all, [name]: rows }))}
              />
            ),
          }))}
        />
        {faults.length > 0 ? <Alert type="warning" showIcon role="status" title={t('faulty', { count: faults.length })} /> : null}
      </Card>
      <Form layout="inline" onFinish={keep}>
        <Form.Item label={t('reason')} htmlFor="codes-reason">
          <Input
            id="codes-reason"
            maxLength={200}
            value={reason}
            placeholder={t('reasonExample')}
            onChange={({ target }) => setReason(target.value)}
            style={{ width: 320 }}
          />
        </Form.Item>
        <Button
          type="primary"
          htmlType="submit"
          loading={isSaving}
          disabled={changed.length === 0 || faults.length > 0}
          style={{ marginInlineEnd: 8 }}
        >
          {t('save')}
        </Button>
        <Button disabled={changed.length === 0} onClick={() => setTrees(known)}>
          {t('undo')}
        </Button>
      </Form>
      <Versions kind="line" name={section.name} version={section.version} onRestored={() => void invalidate()} />
    </Flex>
  );
}

function said(rows: readonly Row[]): string {
  return JSON.stringify(written(rows));
}
