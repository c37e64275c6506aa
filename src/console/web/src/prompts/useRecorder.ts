import { useEffect, useState, useSyncExternalStore } from 'react';

import { openMicrophone, resampled } from './microphone';
import { Recorder, type Recording } from './recorder';

interface Recorded {
  recording: Recording;
  start: () => void;
  stop: () => void;
}

/** Records as long as it is on the screen. */
export function useRecorder(): Recorded {
  const [recorder] = useState(() => new Recorder({ open: openMicrophone, resample: resampled }));
  useEffect(() => () => void recorder.close(), [recorder]);
  const recording = useSyncExternalStore(recorder.watch, recorder.now);
  return { recording, start: () => void recorder.start(), stop: () => void recorder.stop() };
}
