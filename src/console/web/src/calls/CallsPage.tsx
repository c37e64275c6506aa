import { Suspense, lazy } from 'react';
import { Route, Routes } from 'react-router';

import { Loading } from '../states/Loading';
import { CallList } from './CallList';

const ReplayPage = lazy(() => import('../replay/ReplayPage'));

/** All calls, and below them each one. */
export default function CallsPage() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route index element={<CallList />} />
        <Route path=":id" element={<ReplayPage />} />
      </Routes>
    </Suspense>
  );
}
