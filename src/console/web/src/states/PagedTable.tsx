import { Button, Table, type TableColumnsType } from 'antd';
import type { ReactNode } from 'react';

import { Loaded } from './Loaded';
import { useTexts } from './texts';

/** As much of a list that comes by the page as is needed to show it. */
interface Paged<T> {
  data: { pages: readonly { items: T[] }[] } | undefined;
  error: unknown;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface Props<T> {
  query: Paged<T>;
  rowKey: keyof T & string;
  columns: TableColumnsType<T>;
  /** What stands there instead of no rows. */
  empty: ReactNode;
}

/** A list that comes by the page, as far as it has been read, and more of it for the asking. */
export function PagedTable<T extends object>({ query, rowKey, columns, empty }: Props<T>) {
  const t = useTexts();
  return (
    <Loaded query={query}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return empty;
        return (
          <>
            <Table
              rowKey={rowKey}
              size="small"
              columns={columns}
              dataSource={items}
              pagination={false}
              scroll={{ x: 'max-content' }}
            />
            {query.hasNextPage ? (
              <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                {t('more')}
              </Button>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}
