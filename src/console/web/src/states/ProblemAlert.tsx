import { Alert, Flex, Typography } from 'antd';

import { Problem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';
import { useTexts } from './texts';

/** Why something could not be done, and what to do, above the form that it was asked by. */
export function ProblemAlert({ error }: { error: unknown }) {
  const t = useTexts();
  const problemText = useProblemText();
  if (error == null) return null;
  const { title, advice, detail } = problemText(error);
  const faults = error instanceof Problem ? (error.document.faults ?? []) : [];
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      style={{ marginBottom: 16 }}
      title={title}
      description={
        <Flex vertical gap={2}>
          <span>{advice}</span>
          {faults.map((fault) => (
            <span key={`${fault.about} ${fault.name}`}>
              <code>{fault.name}</code> {fault.detail}
            </span>
          ))}
          {detail === undefined ? null : <Typography.Text type="secondary">{t('said', { detail })}</Typography.Text>}
        </Flex>
      }
    />
  );
}
