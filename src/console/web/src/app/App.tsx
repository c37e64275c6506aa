import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { RouterProvider } from 'react-router';

import { PreferencesProvider } from '../preferences/PreferencesProvider';
import { SessionGate } from '../session/SessionGate';
import { EventsProvider } from '../events/EventsProvider';
import { makeQueries } from './queries';
import { router } from './router';
import { Theme } from './Theme';

/** The console. */
export function App() {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <PreferencesProvider>
        <Theme>
          <SessionGate>
            <EventsProvider>
              <RouterProvider router={router} />
            </EventsProvider>
          </SessionGate>
        </Theme>
      </PreferencesProvider>
    </QueryClientProvider>
  );
}
