import { useQuery } from '@tanstack/react-query';
import { Alert, Card, Flex } from 'antd';
import { useMemo } from 'react';

import { api, client } from '../api/client';
import { Problem } from '../api/problem';
import { useMay } from '../session/context';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Bands } from './Bands';
import { Controls } from './Controls';
import { Download } from './Download';
import { Legend } from './Legend';
import { MarkerFlags } from './MarkerFlags';
import { Markers } from './Markers';
import { Waveform } from './Waveform';
import { type Timeline, overWave } from './lanes';
import { type Level, readPeaks } from './peaks';
import styles from './replay.module.css';
import { silencesOf } from './silence';
import { useTexts } from './texts';
import { usePlayer } from './usePlayer';

/** A call's recording: heard, drawn, marked, taken out. */
export function Recording({ call, line }: { call: string; line: Timeline }) {
  const t = useTexts();
  const mayPlay = useMay('play_recording');
  const recording = api.useQuery('get', '/api/v1/calls/{id}/recording', { params: { path: { id: call } } });
  const peaks = usePeaks(call, mayPlay);
  const isMissing = recording.error instanceof Problem && recording.error.status === 404;
  if (isMissing || line.recording_from_ms == null) {
    const advice = line.ended_ms == null ? t('recordingLater') : t('recordingNone');
    return (
      <Card title={t('recording')}>
        <Empty title={t('noRecording')} advice={advice} />
      </Card>
    );
  }
  return (
    <Card title={t('recording')} extra={<Download call={call} />}>
      {mayPlay ? (
        <Loaded query={recording}>
          {({ duration_ms }) => (
            <Loaded query={peaks}>
              {(levels) => <Played call={call} line={line} durationMs={duration_ms} levels={levels} />}
            </Loaded>
          )}
        </Loaded>
      ) : (
        <Empty title={t('notHeard')} advice={t('notHeardAdvice')} />
      )}
    </Card>
  );
}

/** The peaks; none where they were never made. */
function usePeaks(call: string, isOn: boolean) {
  return useQuery({
    queryKey: ['get', '/api/v1/calls/{id}/recording/peaks', call],
    enabled: isOn,
    staleTime: Infinity,
    queryFn: async (): Promise<Level[]> => {
      try {
        const path = { params: { path: { id: call } }, parseAs: 'arrayBuffer' } as const;
        const { data } = await client.GET('/api/v1/calls/{id}/recording/peaks', path);
        return data instanceof ArrayBuffer ? readPeaks(data) : [];
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return [];
        throw error;
      }
    },
  });
}

interface Props {
  call: string;
  line: Timeline;
  durationMs: number;
  levels: readonly Level[];
}

function Played({ call, line, durationMs, levels }: Props) {
  const t = useTexts();
  const silences = useMemo(() => silencesOf(levels[0]), [levels]);
  const player = usePlayer(`/api/v1/calls/${call}/recording/audio`, durationMs, silences);
  const placed = useMemo(() => overWave(line, durationMs), [line, durationMs]);
  const query = api.useQuery('get', '/api/v1/calls/{id}/markers', { params: { path: { id: call } } });
  const markers = query.data?.items ?? [];
  return (
    <Flex vertical gap={12}>
      {player.hasFailed ? <Alert type="error" showIcon role="alert" title={t('cannotPlay')} description={t('cannotPlayAdvice')} /> : null}
      <div className={styles.recording}>
        <MarkerFlags markers={markers} durationMs={durationMs} onSeek={player.seek} />
        <Waveform media={player.media} levels={levels} durationMs={durationMs} onSeek={player.seek} />
        <Bands placed={placed} loop={player.loop} durationMs={durationMs} />
      </div>
      <Legend placed={placed} />
      <Controls player={player} durationMs={durationMs} />
      <Markers call={call} markers={markers} at={() => player.media.currentTime * 1000} onSeek={player.seek} />
    </Flex>
  );
}
