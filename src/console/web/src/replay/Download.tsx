import { client } from '../api/client';
import { save } from '../api/save';
import { useMay } from '../session/context';
import { TakeOut } from '../states/TakeOut';
import { useTexts } from './texts';

/** Takes the recording out. */
export function Download({ call }: { call: string }) {
  const t = useTexts();
  const take = async ({ reason }: { reason: string }) => {
    const params = { path: { id: call } };
    const { data } = await client.POST('/api/v1/calls/{id}/recording/download', { params, body: { reason }, parseAs: 'blob' });
    save(data as unknown as Blob, `${call}.wav`);
  };
  if (!useMay('take_recording')) return null;
  return (
    <TakeOut
      label={t('download')}
      reason={{ label: t('reason'), missing: t('reasonMissing'), advice: t('reasonAdvice') }}
      initialValues={{ reason: '' }}
      take={take}
    />
  );
}
