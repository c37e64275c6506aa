import { DeleteOutlined, FlagOutlined } from '@ant-design/icons';
import { App, Button, Flex, Input, Typography } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useMay } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { lengthOf } from '../time/format';
import styles from './replay.module.css';
import { useTexts } from './texts';

type Marker = Schema<'Marker'>;

interface Props {
  call: string;
  markers: readonly Marker[];
  /** Where the player is, in milliseconds of the recording. */
  at: () => number;
  onSeek: (ms: number) => void;
}

/** Places that somebody should listen to, each with a word on why. */
export function Markers({ call, markers, at, onSeek }: Props) {
  const t = useTexts();
  const mayMark = useMay('mark_recording');
  const [draft, setDraft] = useState<{ at_ms: number; text: string }>();
  const { set, remove, isBusy } = useChanges(call);
  const begin = () => setDraft({ at_ms: Math.round(at()), text: '' });
  useShortcut({ keys: 'M', label: t('mark'), group: t('player'), run: begin }, mayMark);
  const save = () => {
    if (draft) void set(draft).then((isSet) => isSet && setDraft(undefined));
  };
  return (
    <Flex vertical gap={8} role="region" aria-label={t('markers')}>
      <Flex justify="space-between" align="center">
        <Typography.Title level={2} style={{ fontSize: 16, margin: 0 }}>
          {t('markers')}
        </Typography.Title>
        {mayMark ? (
          <Button size="small" icon={<FlagOutlined />} onClick={begin}>
            {t('mark')}
          </Button>
        ) : null}
      </Flex>
      {draft ? (
        <Flex gap={8} align="center">
          <span className="figures">{lengthOf(draft.at_ms)}</span>
          <Input
            autoFocus
            aria-label={t('markerText')}
            placeholder={t('markerText')}
            maxLength={1000}
            value={draft.text}
            onChange={({ target }) => setDraft({ ...draft, text: target.value })}
            onPressEnter={save}
            onKeyDown={({ key }) => key === 'Escape' && setDraft(undefined)}
          />
          <Button type="primary" loading={isBusy} onClick={save}>
            {t('save')}
          </Button>
          <Button onClick={() => setDraft(undefined)}>{t('cancel')}</Button>
        </Flex>
      ) : null}
      {markers.length === 0 && !draft ? <Typography.Text type="secondary">{t('noMarkers')}</Typography.Text> : null}
      <ul className={styles.markers}>
        {markers.map((marker) => (
          <li key={marker.id}>
            <Button type="link" size="small" className="figures" onClick={() => onSeek(marker.at_ms)}>
              {lengthOf(marker.at_ms)}
            </Button>
            <span className={styles.markerText}>{marker.text === '' ? t('noText') : (marker.text ?? t('erased'))}</span>
            <Typography.Text type="secondary">{marker.author}</Typography.Text>
            {mayMark ? (
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined />}
                aria-label={t('removeMarker', { at: lengthOf(marker.at_ms) })}
                onClick={() => void remove(marker.id)}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </Flex>
  );
}

/** Setting and taking back; whoever may not is told why. */
function useChanges(call: string) {
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const set = api.useMutation('post', '/api/v1/calls/{id}/markers');
  const remove = api.useMutation('delete', '/api/v1/calls/{id}/markers/{marker}');
  const after = async (change: Promise<unknown>) => {
    try {
      await change;
      await queries.invalidateQueries({ queryKey: ['get', '/api/v1/calls/{id}/markers'] });
      return true;
    } catch (error) {
      message.error(problemText(error).title);
      return false;
    }
  };
  return {
    isBusy: set.isPending,
    set: (body: { at_ms: number; text: string }) => after(set.mutateAsync({ params: { path: { id: call } }, body })),
    remove: (marker: string) => after(remove.mutateAsync({ params: { path: { id: call, marker } } })),
  };
}
