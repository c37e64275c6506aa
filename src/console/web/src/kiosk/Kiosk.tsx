import { useQueryClient } from '@tanstack/react-query';
import { Button, Flex, Typography } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';

import { api, client } from '../api/client';
import { Problem } from '../api/problem';
import { StreamContext } from '../events/context';
import { feed } from '../events/feed';
import { Stream } from '../events/stream';
import { PreferencesMenu } from '../preferences/PreferencesMenu';
import { AccountContext } from '../session/context';
import { ErrorState } from '../states/ErrorState';
import { Loading } from '../states/Loading';
import { setSiteZone } from '../time/format';
import { Board } from '../wallboard/Board';
import { TokenForm } from './TokenForm';
import { follow } from './follow';
import { useTexts } from './texts';
import { keepToken, tokenOf } from './token';

/** What every request of this page is made with, once there is one. */
let token = tokenOf(window.location, window.history, window.localStorage);
client.use({
  onRequest({ request }) {
    if (token !== undefined) request.headers.set('Authorization', `Bearer ${token}`);
    return request;
  },
});

/** So often it is tried again where the service did not answer. */
const AGAIN_MS = 5_000;

/** The wallboard for a wall: by a token, without anything around it. */
export default function Kiosk() {
  const queries = useQueryClient();
  const [isKnown, setKnown] = useState(token !== undefined);
  const session = api.useQuery('get', '/api/v1/session', {}, {
    enabled: isKnown,
    refetchInterval: ({ state }) => (state.data && !state.error ? false : AGAIN_MS),
  });
  const isRefused = session.error instanceof Problem && session.error.status === 401;
  const take = (given: string) => {
    token = given;
    keepToken(given, window.localStorage);
    setKnown(true);
    void queries.resetQueries();
  };
  if (!isKnown || isRefused) return <TokenForm isRefused={isRefused} onToken={take} />;
  if (!session.data) {
    return session.error ? <ErrorState error={session.error} onRetry={() => void session.refetch()} /> : <Loading />;
  }
  setSiteZone(session.data.time_zone);
  return (
    <AccountContext value={session.data}>
      <Followed>
        <Wall />
      </Followed>
    </AccountContext>
  );
}

function Followed({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [stream] = useState(() => new Stream());
  useEffect(() => {
    const stop = feed(stream, queries);
    const leave = follow((told) => stream.take(told));
    return () => {
      leave();
      stop();
    };
  }, [stream, queries]);
  return <StreamContext value={stream}>{children}</StreamContext>;
}

function Wall() {
  const t = useTexts();
  return (
    <main style={{ minHeight: '100%', boxSizing: 'border-box', padding: 16 }}>
      <Flex align="center" justify="space-between" style={{ marginBottom: 12 }}>
        <Typography.Title level={1} style={{ fontSize: 24, margin: 0 }}>
          {t('title')}
        </Typography.Title>
        <Flex gap={8}>
          <PreferencesMenu />
          <Button onClick={() => void document.documentElement.requestFullscreen()}>{t('fullScreen')}</Button>
        </Flex>
      </Flex>
      <Board isBig />
    </main>
  );
}
