import { Collapse, Table, Typography, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';

/** What is read only once somebody opens it. */
export function WhenOpened({ label, children }: { label: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const items = [{ key: 'all', label, children: isOpen ? children : null }];
  return <Collapse onChange={(open) => setOpen(open.length > 0)} items={items} />;
}

interface Props<Version> {
  columns: TableColumnsType<Version>;
  versions: readonly Version[];
  /** The heading of what a version says, for those who do not see it. */
  heading: string;
  /** What a version says; `undefined`: by it the thing is gone. */
  saidBy: (version: Version) => object | null | undefined;
  gone: string;
}

/** Versions of something, each with what it says. */
export function WrittenVersions<Version extends { version: number }>({ columns, versions, heading, saidBy, gone }: Props<Version>) {
  return (
    <Table
      rowKey="version"
      size="small"
      columns={columns}
      dataSource={[...versions]}
      pagination={false}
      scroll={{ x: 'max-content' }}
      expandable={{
        columnTitle: <span className="unseen">{heading}</span>,
        expandedRowRender: (version) => {
          const said = saidBy(version);
          return (
            <Typography.Text className="mono" style={{ whiteSpace: 'pre-wrap' }}>
              {said ? JSON.stringify(said, null, 2) : gone}
            </Typography.Text>
          );
        },
      }}
    />
  );
}
