import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense, lazy, useState } from 'react';
import { RouterProvider } from 'react-router';

import { PreferencesProvider } from '../preferences/PreferencesProvider';
import { SessionGate } from '../session/SessionGate';
import { EventsProvider } from '../events/EventsProvider';
import { Loading } from '../states/Loading';
import { makeQueries } from './queries';
import { router } from './router';
import { Theme } from './Theme';

const Kiosk = lazy(() => import('../kiosk/Kiosk'));

/** The screen on the wall logs in by its token, and has nothing around it. */
const isKiosk = window.location.pathname === '/kiosk';

/** The console. */
export function App() {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <Theme>
          {isKiosk ? (
            <Suspense fallback={<Loading />}>
              <Kiosk />
            </Suspense>
          ) : (
            <SessionGate>
              <EventsProvider>
                <RouterProvider router={router} />
              </EventsProvider>
            </SessionGate>
          )}
        </Theme>
      </PreferencesProvider>
    </QueryClientProvider>
  );
}
