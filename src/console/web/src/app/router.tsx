import { lazy } from 'react';
import { createBrowserRouter } from 'react-router';

import { NotFound } from '../states/NotFound';
import { Home } from './Home';
import { ScreenFrame } from './ScreenFrame';
import { Shell } from './Shell';
import { screens } from './screens';

/** Every screen has its path, and all that is below it. */
export const router = createBrowserRouter([
  {
    path: '/',
    element: <Shell />,
    children: [
      { index: true, element: <Home /> },
      ...screens.map((screen) => {
        const Code = lazy(screen.load);
        return {
          path: `${screen.path}/*`,
          element: (
            <ScreenFrame key={screen.path} screen={screen}>
              <Code />
            </ScreenFrame>
          ),
        };
      }),
      { path: '*', element: <NotFound /> },
    ],
  },
]);
